// A folder of base images by key. Many processes may want the same image at the same time: one makes it, the rest wait.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pid } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { createError } from '../../errors.js';
import { ensurePrivateFolder } from '../../private-folder.js';
import { judgeProcess, type ProcessIdentity, readProcessIdentity } from '../../process-identity.js';
import type { BaseImage } from './base-image.js';
import { findBaseImage } from './base-image.js';

export interface CacheRequest {
  readonly cacheDir: string;
  /** Folder name below cacheDir; equal for images made from equal inputs. */
  readonly key: string;
  readonly signal?: AbortSignal | undefined;
  /** Fills an empty work folder (disk and base-image.json), which then becomes the cache entry. */
  readonly make: (workFolder: string) => Promise<void>;
}

const LOCK_POLL_INTERVAL_MS = 500;
/** A maker in another container or on another host may be at work; nobody needs longer than this. */
const UNKNOWN_MAKER_LIMIT_MS = 30 * 60_000;

/** Returns the image of that key, made at most once. An interrupted making leaves no entry. */
export async function ensureCachedImage(request: CacheRequest): Promise<BaseImage> {
  const folder = path.join(request.cacheDir, request.key);
  const cached = await findBaseImage(folder);
  if (cached !== undefined) return cached;
  ensurePrivateFolder(request.cacheDir);
  const lock = `${folder}.lock`;
  await acquireLock(lock, request.signal);
  try {
    return (await findBaseImage(folder)) ?? (await makeEntry(folder, request));
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

/** The cache key: a name to read, and a digest of everything the image is made from. */
export function toCacheKey(name: string, inputs: unknown): string {
  return `${name}-${hashText(JSON.stringify(inputs)).slice(0, 16)}`;
}

/** Hex SHA-256 of a text. */
export function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** `sha256:` and the hex digest of a file. */
export async function digestFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return `sha256:${hash.digest('hex')}`;
}

async function makeEntry(folder: string, request: CacheRequest): Promise<BaseImage> {
  const workFolder = await mkdtemp(`${folder}.work-`);
  try {
    await request.make(workFolder);
    await rm(folder, { recursive: true, force: true });
    await rename(workFolder, folder);
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
  const image = await findBaseImage(folder);
  if (image === undefined) throw new Error(`The image maker wrote no description into ${folder}`);
  return image;
}

// mkdir is atomic on every file system. A lock names its owner, so that one whose owner died can be taken over.
async function acquireLock(lock: string, signal: AbortSignal | undefined): Promise<void> {
  const owner = path.join(lock, 'owner');
  const limit = AbortSignal.timeout(UNKNOWN_MAKER_LIMIT_MS);
  for (;;) {
    signal?.throwIfAborted();
    try {
      await mkdir(lock, { mode: 0o700 });
      const identity = readProcessIdentity(pid) ?? { pid };
      await writeFile(owner, JSON.stringify(identity));
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (await isAbandoned(lock, owner, limit)) await rm(lock, { recursive: true, force: true });
    else await sleep(LOCK_POLL_INTERVAL_MS, undefined, signal === undefined ? {} : { signal });
  }
}

async function isAbandoned(lock: string, ownerFile: string, limit: AbortSignal): Promise<boolean> {
  const text = await readFile(ownerFile, 'utf8').catch(() => undefined);
  // Between mkdir and the owner's name lies a moment; a lock that stays nameless belongs to a process that died in it.
  if (text === undefined)
    return (await stat(lock).catch(() => undefined)) !== undefined && (await isNamelessForLong(ownerFile));
  const owner = JSON.parse(text) as ProcessIdentity;
  const state = judgeProcess(owner);
  if (state === 'unknown' && limit.aborted) {
    throw createError('SANDBOX_IMAGE_LOCKED', [owner.pid, owner.host?.name ?? 'another host', lock]);
  }
  return state === 'gone';
}

async function isNamelessForLong(ownerFile: string): Promise<boolean> {
  await sleep(2 * LOCK_POLL_INTERVAL_MS);
  return (await stat(ownerFile).catch(() => undefined)) === undefined;
}
