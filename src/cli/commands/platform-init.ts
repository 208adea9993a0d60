import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { ExitCode } from '../../errors.js';
import type { CliContext } from '../cli-context.js';
import { getRegion } from '../platform-session.js';
import { assertPlatformName, updateWorkspace } from '../platform-workspace.js';

export interface PlatformInitOptions {
  readonly region?: string;
  readonly instanceProfile?: string;
  readonly keyname?: string;
}

/** `platform init`: makes a folder a workspace, for the EB CLI as well. */
export async function platformInit(
  given: string | undefined,
  options: PlatformInitOptions,
  cli: CliContext,
): Promise<ExitCode> {
  const folder = cli.currentDirectory;
  const name = given ?? basename(folder);
  assertPlatformName(name);
  const region = await getRegion(options.region, cli.environment);
  await updateWorkspace(folder, {
    platform_name: name,
    platform_version: '',
    default_region: region,
    ...(options.instanceProfile === undefined ? {} : { instance_profile: options.instanceProfile }),
    ...(options.keyname === undefined ? {} : { default_ec2_keyname: options.keyname }),
  });
  await ignoreWorkspaceFiles(join(folder, '.gitignore'));
  cli.output.answer(`Platform ${name} in ${region}: .elasticbeanstalk/config.yml is written.`);
  return ExitCode.done;
}

// The four lines that the EB CLI adds.
const IGNORED = `
# Elastic Beanstalk Files
.elasticbeanstalk/*
!.elasticbeanstalk/*.cfg.yml
!.elasticbeanstalk/*.global.yml
`;

async function ignoreWorkspaceFiles(file: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  if (!text.includes('.elasticbeanstalk/*\n')) await writeFileAtomic(file, `${text}${IGNORED}`);
}
