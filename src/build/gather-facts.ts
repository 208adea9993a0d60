// Sync calls for what is small: a thousand images read a thousand scripts, and a thread hop costs more than the read.
import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { BuildimgError, createError } from '../errors.js';
import type { FileFact } from '../plan/image-plan.js';
import { hasErrorCode } from './has-error-code.js';

const MAX_FILES = 10_000;
const MAX_TOTAL_MIB = 1024;
const MIB = 1024 * 1024;

export interface FileFactRequest {
  /** Absolute paths of files and folders; a folder stands for all files below it. */
  readonly paths: readonly string[];
  /** Absolute folder that symbolic links may not lead out of. */
  readonly root: string;
  readonly provisionersDir: string;
  readonly signal: AbortSignal;
}

/**
 * Digest and mode of every regular file below `paths` and of the built-in provisioners, by absolute path. Links inside
 * the root count as what they point to; those that leave it, sockets, pipes and devices are errors. Each file is read
 * once. Throws PAYLOAD_*.
 */
export async function gatherFileFacts(request: FileFactRequest): Promise<ReadonlyMap<string, FileFact>> {
  const { root, provisionersDir, signal } = request;
  const user: Walk = { boundary: realpathSync(root), facts: new Map(), totalBytes: 0, signal };
  for (const path of [...request.paths].sort()) await gatherPath(path, user, []);
  const ours: Walk = { boundary: realpathSync(provisionersDir), facts: new Map(), totalBytes: 0, signal };
  await gatherPath(provisionersDir, ours, []);
  return new Map([...user.facts, ...ours.facts]);
}

interface Walk {
  readonly boundary: string;
  readonly facts: Map<string, FileFact>;
  totalBytes: number;
  readonly signal: AbortSignal;
}

async function gatherPath(path: string, walk: Walk, ancestors: readonly string[]): Promise<void> {
  walk.signal.throwIfAborted();
  if (walk.facts.has(path)) return;
  const { target, status } = resolvePath(path, walk.boundary);
  if (status.isDirectory()) return await gatherFolder(path, walk, { target, ancestors });
  if (!status.isFile()) throw createError('PAYLOAD_SPECIAL_FILE', [path]);
  walk.totalBytes += status.size;
  if (walk.totalBytes > MAX_TOTAL_MIB * MIB) throw createError('PAYLOAD_TOO_LARGE', [path, MAX_TOTAL_MIB]);
  if (walk.facts.size >= MAX_FILES) throw createError('PAYLOAD_TOO_MANY_FILES', [path, MAX_FILES]);
  // Only the executable bit counts: the rest of a mode depends on the umask of whoever checked the folder out.
  const mode = (status.mode & 0o111) === 0 ? 0o644 : 0o755;
  walk.facts.set(path, { digest: await digestFile(target, status.size, walk.signal), mode });
}

interface Folder {
  readonly target: string;
  readonly ancestors: readonly string[];
}

async function gatherFolder(path: string, walk: Walk, { target, ancestors }: Folder): Promise<void> {
  if (ancestors.includes(target)) throw createError('PAYLOAD_LINK_LOOPS', [path]);
  const names = readdirSync(target).sort();
  for (const name of names) await gatherPath(join(path, name), walk, [...ancestors, target]);
}

interface ResolvedPath {
  readonly target: string;
  readonly status: Stats;
}

function resolvePath(path: string, boundary: string): ResolvedPath {
  try {
    const target = realpathSync.native(path);
    if (target !== boundary && !target.startsWith(boundary + sep)) {
      throw createError('PAYLOAD_LINK_LEAVES_ROOT', [path, target]);
    }
    return { target, status: statSync(target) };
  } catch (error) {
    if (error instanceof BuildimgError) throw error;
    throw createError(hasErrorCode(error, 'ELOOP') ? 'PAYLOAD_LINK_LOOPS' : 'PAYLOAD_FILE_MISSING', [path], {
      cause: error,
    });
  }
}

async function digestFile(path: string, sizeBytes: number, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  try {
    if (sizeBytes <= MIB) return hash.update(readFileSync(path)).digest('hex');
    for await (const chunk of createReadStream(path, { signal })) hash.update(chunk as Buffer);
  } catch (error) {
    signal.throwIfAborted();
    throw createError('PAYLOAD_FILE_MISSING', [path], { cause: error });
  }
  return hash.digest('hex');
}
