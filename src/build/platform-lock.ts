// buildimg.lock.json beside the config: which platform version, and with it which image, each image starts from. Rendering
// takes it from there, so that a folder that is rendered again is the same; `platform outdated` says when it is old.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { Architecture, ResolvedImage } from '../config/resolved-config.js';
import { createError } from '../errors.js';
import { hasErrorCode } from './has-error-code.js';

export interface LockedPlatform {
  readonly platformArn: string;
  readonly version: string;
  readonly branch: string;
  readonly region: string;
  readonly architecture: Architecture;
  /** Of the image. */
  readonly id: string;
  readonly rootDeviceName: string;
}

/** By name of the image. */
export type PlatformLock = ReadonlyMap<string, LockedPlatform>;

const LOCK_FILE = 'buildimg.lock.json';
const KEYS = ['platformArn', 'version', 'branch', 'region', 'architecture', 'id', 'rootDeviceName'] as const;

/** The lock beside the config in `root`; empty when there is none. Throws PLATFORM_LOCK_INVALID. */
export async function readPlatformLock(root: string): Promise<PlatformLock> {
  const path = join(root, LOCK_FILE);
  try {
    const parsed = JSON.parse(await readFile(path, 'utf8')) as { readonly images?: Record<string, LockedPlatform> };
    const entries = Object.entries(parsed.images ?? {});
    const broken = entries.find(([, locked]) => KEYS.some((key) => typeof locked?.[key] !== 'string'));
    if (broken !== undefined)
      throw createError('PLATFORM_LOCK_INVALID', [path, `the entry of ${broken[0]} is incomplete`]);
    return new Map(entries);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return new Map();
    if (error instanceof SyntaxError)
      throw createError('PLATFORM_LOCK_INVALID', [path, error.message], { cause: error });
    throw error;
  }
}

/** Writes the lock, sorted by name, and returns its path. */
export async function writePlatformLock(root: string, lock: PlatformLock): Promise<string> {
  const path = join(root, LOCK_FILE);
  const images = Object.fromEntries([...lock].sort(([a], [b]) => (a < b ? -1 : 1)));
  await writeFileAtomic(path, `${JSON.stringify({ version: 1, images }, undefined, 2)}\n`);
  return path;
}

/** What is locked for `image`, if it is still about the branch, region and architecture that the config names. */
export function findLocked(lock: PlatformLock, image: ResolvedImage): LockedPlatform | undefined {
  const locked = lock.get(image.name);
  if (locked === undefined || image.source.kind !== 'platform-branch') return undefined;
  const isSame =
    locked.branch === image.source.branch &&
    locked.region === image.region &&
    locked.architecture === image.architecture;
  return isSame ? locked : undefined;
}
