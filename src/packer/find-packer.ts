import { access, constants, realpath } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createError } from '../errors.js';
import { runTool } from './run-tool.js';

/** A packer that can build for EC2. */
export interface PackerBinary {
  /** Absolute path as found; links are not followed, so that messages show what the user knows. */
  readonly path: string;
  /** `1.6.6`, without a leading v or a pre-release part. */
  readonly version: string;
}

export interface FindPackerOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Use this program instead of looking in PATH. */
  readonly packerPath?: string;
}

/** HCL2 templates, source_ami_filter owners and this room's reading of its output: the oldest that has them all. */
const OLDEST_VERSION = [1, 6, 0] as const;
/** From here on amazon-ebs is no longer part of the program. */
const FIRST_WITHOUT_PLUGINS = [1, 10, 0] as const;
const PROBE_LIMIT_MS = 20_000;

/**
 * Finds HashiCorp's packer and makes sure that it can build AMIs.
 * @throws PACKER_MISSING, PACKER_NOT_HASHICORP, PACKER_TOO_OLD or PACKER_PLUGIN_MISSING (all exit 3).
 */
export async function findPacker(options: FindPackerOptions): Promise<PackerBinary> {
  const path = await findProgram(options);
  const version = await readVersion(path, options.environment);
  if (isOlder(version, OLDEST_VERSION)) {
    throw createError('PACKER_TOO_OLD', [version, path]);
  }
  if (!isOlder(version, FIRST_WITHOUT_PLUGINS)) {
    await assertAmazonPlugin(path, version, options.environment);
  }
  return { path, version };
}

async function findProgram({ environment, packerPath }: FindPackerOptions): Promise<string> {
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = packerPath === undefined ? folders.map((folder) => join(folder, 'packer')) : [packerPath];
  let stranger: string | undefined;
  for (const path of candidates) {
    if (!(await isExecutable(path))) {
      continue;
    }
    // /usr/sbin/packer of cracklib-runtime is a link to cracklib-packer and waits for words on stdin for ever.
    if ((await realpath(path)).endsWith('cracklib-packer')) {
      stranger ??= path;
      continue;
    }
    return path;
  }
  if (stranger !== undefined) {
    throw createError('PACKER_NOT_HASHICORP', [stranger]);
  }
  throw createError('PACKER_MISSING', [packerPath ?? (folders.join(', ') || 'an empty PATH')]);
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function readVersion(path: string, environment: FindPackerOptions['environment']): Promise<string> {
  const { stdout } = await runTool({ path, args: ['version'], environment, limitMs: PROBE_LIMIT_MS });
  const version = /^Packer v(\d+\.\d+\.\d+)/m.exec(stdout)?.[1];
  if (version === undefined) {
    throw createError('PACKER_NOT_HASHICORP', [path]);
  }
  return version;
}

async function assertAmazonPlugin(
  path: string,
  version: string,
  environment: FindPackerOptions['environment'],
): Promise<void> {
  const { stdout } = await runTool({ path, args: ['plugins', 'installed'], environment, limitMs: PROBE_LIMIT_MS });
  if (!/packer-plugin-amazon/.test(stdout)) {
    throw createError('PACKER_PLUGIN_MISSING', [version]);
  }
}

/** True when `version` (`1.6.6`) comes before `other`. */
function isOlder(version: string, other: readonly [number, number, number]): boolean {
  const parts = version.split('.').map(Number);
  const index = other.findIndex((part, place) => part !== parts[place]);
  return index !== -1 && (parts[index] ?? 0) < (other[index] ?? 0);
}
