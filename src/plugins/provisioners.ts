import { provisionerManifests } from '../config/generated/provisioners.js';
import { file } from './provisioners/file.js';
import { createScriptProvisioner } from './provisioners/script-provisioner.js';
import { shell } from './provisioners/shell.js';
import type { Provisioner } from './types.js';

/** Every provisioner by its name. Those that are not code of their own are folders of shell with a manifest. */
export const provisioners: ReadonlyMap<string, Provisioner> = new Map(
  [
    shell,
    file,
    ...Object.values(provisionerManifests)
      .filter((manifest) => manifest.kind === 'script')
      .map(createScriptProvisioner),
  ].map((provisioner) => [provisioner.name, provisioner]),
);

/** The provisioner called `name`. A config that was checked names no other, so a miss is a bug. */
export function getProvisioner(name: string): Provisioner {
  const provisioner = provisioners.get(name);
  if (provisioner === undefined) throw new Error(`No provisioner is called ${name}`);
  return provisioner;
}
