// A snapshot is a qcow2. To read it block by block it is converted once to a sparse raw file, and qemu-img tells which
// parts were ever written. The raw file can be thrown away at any time.

import { createHash } from 'node:crypto';
import { access, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runTool } from '../machine/run-tool.js';
import { BLOCK_BYTES } from './block-size.js';

export interface SnapshotDisks {
  /** Opens the disk in a qcow2; the first time it is converted, which takes seconds. */
  open(file: string): Promise<SnapshotDisk>;
  /** Keeps which blocks of a file were written, zeros as well; without a note those with data count. */
  noteBlocks(file: string, blocks: readonly number[]): Promise<void>;
  /** Throws away what was made of a file. */
  forget(file: string): Promise<void>;
}

export interface SnapshotDisk {
  /** Indexes of the blocks that were written or hold data, ascending. */
  readonly blocks: readonly number[];
  has(index: number): boolean;
  /** Content of a block; what lies behind the end of the disk is zeros. */
  read(index: number): Promise<Buffer>;
}

const CONVERT_TIMEOUT_MS = 10 * 60_000;

/** Keeps the raw files in `folder`. */
export function createSnapshotDisks(folder: string, signal: AbortSignal): SnapshotDisks {
  const opened = new Map<string, Promise<SnapshotDisk>>();
  return {
    open(file) {
      const disk = opened.get(file) ?? openDisk(folder, file, signal);
      opened.set(file, disk);
      // A failure, for example of a full disk, is not kept.
      disk.catch(() => opened.delete(file));
      return disk;
    },
    noteBlocks: async (file, blocks) => await writeFile(noteOf(folder, file), JSON.stringify(blocks), { mode: 0o600 }),
    async forget(file) {
      opened.delete(file);
      const prefix = nameRawFiles(file);
      for (const name of await readdir(folder)) {
        if (name.startsWith(prefix)) await rm(join(folder, name), { force: true });
      }
    },
  };
}

async function openDisk(folder: string, file: string, signal: AbortSignal): Promise<SnapshotDisk> {
  const { mtimeMs, size } = await stat(file);
  const raw = join(folder, `${nameRawFiles(file)}${Math.trunc(mtimeMs)}-${size}.raw`);
  const blocks = (await readNote(noteOf(folder, file))) ?? (await listDataBlocks(file, signal));
  if (!(await exists(raw))) {
    const partial = `${raw}.partial`;
    await runTool({
      program: 'qemu-img',
      arguments: ['convert', '-f', 'qcow2', '-O', 'raw', file, partial],
      timeoutMs: CONVERT_TIMEOUT_MS,
      signal,
    });
    await rename(partial, raw);
  }
  const written = new Set(blocks);
  return { blocks, has: (index) => written.has(index), read: (index) => readBlock(raw, index) };
}

interface Extent {
  readonly start: number;
  readonly length: number;
  readonly data: boolean;
  readonly zero: boolean;
}

async function listDataBlocks(file: string, signal: AbortSignal): Promise<readonly number[]> {
  const answer = await runTool({
    program: 'qemu-img',
    arguments: ['map', '--output=json', '-f', 'qcow2', file],
    timeoutMs: CONVERT_TIMEOUT_MS,
    signal,
  });
  const blocks = new Set<number>();
  for (const { start, length, data, zero } of JSON.parse(answer) as readonly Extent[]) {
    if (!data || zero) continue;
    const last = Math.floor((start + length - 1) / BLOCK_BYTES);
    for (let index = Math.floor(start / BLOCK_BYTES); index <= last; index += 1) blocks.add(index);
  }
  return [...blocks].sort((one, other) => one - other);
}

/** Content of a block of a raw file; zeros behind its end. */
async function readBlock(raw: string, index: number): Promise<Buffer> {
  const block = Buffer.alloc(BLOCK_BYTES);
  const file = await open(raw, 'r');
  try {
    let filled = 0;
    while (filled < BLOCK_BYTES) {
      const { bytesRead } = await file.read(block, filled, BLOCK_BYTES - filled, index * BLOCK_BYTES + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
  } finally {
    await file.close();
  }
  return block;
}

function noteOf(folder: string, file: string): string {
  return join(folder, `${nameRawFiles(file)}blocks`);
}

async function readNote(file: string): Promise<readonly number[] | undefined> {
  return (await exists(file)) ? (JSON.parse(await readFile(file, 'utf8')) as readonly number[]) : undefined;
}

/** Files of the same name may follow one another; time and size tell them apart. */
function nameRawFiles(file: string): string {
  return `${createHash('sha256').update(file).digest('hex').slice(0, 32)}-`;
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}
