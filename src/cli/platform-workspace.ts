// `.elasticbeanstalk/config.yml`, which the EB CLI and we share. What is not ours in it stays as it is, comments included.
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { type Document, parseDocument } from 'yaml';
import { createError } from '../errors.js';

export interface PlatformWorkspace {
  readonly folder: string;
  readonly name: string;
  /** Version that commands without one are about. */
  readonly version: string | undefined;
  readonly region: string | undefined;
  readonly instanceProfile: string | undefined;
  readonly keyName: string | undefined;
}

const CONFIG = join('.elasticbeanstalk', 'config.yml');
const MAX_PARENTS = 50;

/**
 * The workspace that `start` is in, here or above, as `eb` looks for it.
 *
 * @throws PLATFORM_WORKSPACE_MISSING, PLATFORM_WORKSPACE_INVALID
 */
export async function openWorkspace(start: string): Promise<PlatformWorkspace> {
  let folder = start;
  for (let left = MAX_PARENTS; left > 0; left -= 1) {
    const text = await readText(join(folder, CONFIG));
    if (text !== undefined) return readWorkspace(folder, parse(join(folder, CONFIG), text));
    if (dirname(folder) === folder) break;
    folder = dirname(folder);
  }
  throw createError('PLATFORM_WORKSPACE_MISSING', [start]);
}

export type WorkspaceChanges = Partial<
  Record<'platform_name' | 'platform_version' | 'default_region' | 'instance_profile' | 'default_ec2_keyname', string>
>;

/** Changes settings below `global`; `platform_version: ''` forgets the version. Writes the file if there is none. */
export async function updateWorkspace(folder: string, changes: WorkspaceChanges): Promise<void> {
  const file = join(folder, CONFIG);
  const config = parse(file, (await readText(file)) ?? NEW_CONFIG);
  for (const [key, value] of Object.entries(changes)) config.setIn(['global', key], value === '' ? null : value);
  await mkdir(dirname(file), { recursive: true });
  await writeFileAtomic(file, config.toString());
}

/** Checks a platform's name by the EB CLI's rule. Throws PLATFORM_NAME_INVALID. */
export function assertPlatformName(name: string): void {
  if (!/^[^:/]{1,100}$/.test(name)) throw createError('PLATFORM_NAME_INVALID', [name]);
}

// What `eb platform init` writes, with the settings that it forgets.
const NEW_CONFIG = `branch-defaults:
  default:
    environment: eb-custom-platform-builder-packer
global:
  application_name: Custom Platform Builder
  branch: null
  default_ec2_keyname: null
  default_platform: null
  default_region: null
  instance_profile: aws-elasticbeanstalk-custom-platform-ec2-role
  platform_name: null
  platform_version: null
  profile: null
  repository: null
  sc: null
  workspace_type: Platform
`;

function parse(file: string, text: string): Document {
  const config = parseDocument(text);
  const [problem] = config.errors;
  if (problem !== undefined) throw createError('PLATFORM_WORKSPACE_INVALID', [file, `is not YAML: ${problem.message}`]);
  return config;
}

function readWorkspace(folder: string, config: Document): PlatformWorkspace {
  const read = (key: string): string | undefined => {
    const value = config.getIn(['global', key]);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const file = join(folder, CONFIG);
  if (read('workspace_type')?.toLowerCase() !== 'platform') {
    throw createError('PLATFORM_WORKSPACE_INVALID', [file, 'is of an application, not of a platform']);
  }
  const name = read('platform_name');
  if (name === undefined) throw createError('PLATFORM_WORKSPACE_INVALID', [file, 'names no platform']);
  return {
    folder,
    name,
    version: read('platform_version'),
    region: read('default_region'),
    instanceProfile: read('instance_profile'),
    keyName: read('default_ec2_keyname'),
  };
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
