import {
  type CloudConfigFile,
  type CloudValue,
  findCloudValue,
  isMapping,
  mergeCloudConfig,
} from '../../parse/cloud-config.js';
import type { RuleContext } from '../context.js';
import { expandGlob } from '../glob.js';

export interface CloudView {
  readonly isInstalled: boolean;
  /** Paths whose existence keeps cloud-init from running. */
  readonly disabledBy: string | undefined;
  /** cloud.cfg, then cloud.cfg.d in the order in which later files win. */
  readonly files: readonly CloudConfigFile[];
  readonly merged: Readonly<Record<string, CloudValue>>;
  /** `system_info.default_user.name`. */
  readonly defaultUser: string | undefined;
}

/** The configuration of cloud-init, merged as it merges itself. */
export async function loadCloudView(context: RuleContext): Promise<CloudView> {
  const paths = [
    '/etc/cloud/cloud.cfg',
    ...expandGlob(context.tree, '/etc/cloud/cloud.cfg.d/*.cfg').map((each) => each.path),
  ];
  const files: CloudConfigFile[] = [];
  for (const path of paths) {
    const content = await context.readYaml(path, '1.1');
    // cloud-init skips what is no mapping, too.
    if (isMapping(content)) files.push({ path, content });
  }
  const merged = mergeCloudConfig(files);
  const name = findCloudValue(merged, 'system_info', 'default_user', 'name');
  const program = ['/usr/bin/cloud-init', '/usr/local/bin/cloud-init'].find((path) => context.tree.resolve(path));
  return {
    isInstalled: program !== undefined,
    disabledBy: context.tree.resolve('/etc/cloud/cloud-init.disabled')?.path,
    files,
    merged,
    defaultUser: typeof name === 'string' ? name : undefined,
  };
}
