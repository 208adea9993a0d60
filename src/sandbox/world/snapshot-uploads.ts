// A snapshot that is being written: a sparse raw file, and beside it a line for every block that was acknowledged. Both
// outlive the server, so that a client goes on where it was.

import { createHash } from 'node:crypto';
import { appendFile, open, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { runTool } from '../machine/run-tool.js';
import { BLOCK_BYTES } from './block-size.js';
import type { SandboxClock } from './services.js';

export interface SnapshotUploads {
  /** Begins an empty disk, or one with a parent's content. */
  begin(snapshotId: string, disk: UploadDisk): Promise<void>;
  /** Writes one block; its checksum was verified by the caller. */
  put(snapshotId: string, index: number, block: WrittenBlock): Promise<void>;
  /** What was written so far. */
  describe(snapshotId: string): Promise<UploadProgress>;
  /** When a block was last written, or the upload begun, in milliseconds since 1970. */
  findLastWrite(snapshotId: string): Promise<number>;
  /** Turns the disk into a qcow2 and ends the upload. */
  seal(snapshotId: string, file: string): Promise<void>;
  drop(snapshotId: string): Promise<void>;
  /** Ids of the snapshots of which something is kept. */
  list(): Promise<readonly string[]>;
}

export interface UploadDisk {
  readonly sizeGib: number;
  readonly parentFile: string | undefined;
}

export interface WrittenBlock {
  readonly bytes: Uint8Array;
  /** SHA-256 in base64. */
  readonly checksum: string;
}

export interface UploadProgress {
  readonly blockCount: number;
  /** Of the blocks in order: SHA-256 over their digests, in base64, which AWS calls LINEAR. */
  readonly checksum: string;
}

interface BlockLine {
  readonly index?: number;
  readonly checksum?: string;
  readonly at: number;
}

const GIB = 1024 ** 3;
const CONVERT_TIMEOUT_MS = 10 * 60_000;
const UPLOAD_FILE = /^(snap-[0-9a-f]{17})\.upload(\.blocks)?$/;

/** Keeps uploads in `folder`. */
export function createSnapshotUploads(folder: string, clock: SandboxClock): SnapshotUploads {
  const rawOf = (snapshotId: string) => join(folder, `${basename(snapshotId)}.upload`);
  const linesOf = (snapshotId: string) => `${rawOf(snapshotId)}.blocks`;
  const written = new Map<string, Promise<WrittenBlocks>>();

  return {
    async begin(snapshotId, { sizeGib, parentFile }) {
      const raw = rawOf(snapshotId);
      if (parentFile === undefined) await writeFile(raw, '', { mode: 0o600 });
      else await convert(['-f', 'qcow2', '-O', 'raw', parentFile, raw]);
      await truncate(raw, sizeGib * GIB);
      await writeFile(linesOf(snapshotId), formatLine({ at: clock.now().getTime() }), { mode: 0o600 });
    },
    async put(snapshotId, index, { bytes, checksum }) {
      const file = await open(rawOf(snapshotId), 'r+');
      try {
        await file.write(bytes, 0, bytes.length, index * BLOCK_BYTES);
      } finally {
        await file.close();
      }
      const line = { index, checksum, at: clock.now().getTime() };
      await appendFile(linesOf(snapshotId), formatLine(line));
      addLine(await blocksOf(snapshotId), line);
    },
    describe: async (snapshotId) => summarise(await blocksOf(snapshotId)),
    findLastWrite: async (snapshotId) => (await blocksOf(snapshotId)).lastWriteAt,
    async seal(snapshotId, file) {
      await convert(['-f', 'raw', '-O', 'qcow2', rawOf(snapshotId), `${file}.partial`]);
      await rename(`${file}.partial`, file);
      await drop(snapshotId);
    },
    drop,
    async list() {
      const ids = (await readdir(folder)).flatMap((name) => UPLOAD_FILE.exec(name)?.[1] ?? []);
      return [...new Set(ids)];
    },
  };

  function blocksOf(snapshotId: string): Promise<WrittenBlocks> {
    const blocks = written.get(snapshotId) ?? readBlocks(linesOf(snapshotId));
    written.set(snapshotId, blocks);
    blocks.catch(() => written.delete(snapshotId));
    return blocks;
  }

  async function drop(snapshotId: string): Promise<void> {
    written.delete(snapshotId);
    await rm(rawOf(snapshotId), { force: true });
    await rm(linesOf(snapshotId), { force: true });
  }
}

async function convert(parameters: readonly string[]): Promise<void> {
  await runTool({
    program: 'qemu-img',
    arguments: ['convert', ...parameters],
    timeoutMs: CONVERT_TIMEOUT_MS,
  });
}

interface WrittenBlocks {
  /** Checksum by index. */
  readonly checksums: Map<number, string>;
  lastWriteAt: number;
}

async function readBlocks(file: string): Promise<WrittenBlocks> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  const blocks: WrittenBlocks = { checksums: new Map(), lastWriteAt: 0 };
  // What follows the last newline was cut short with the server, and was never acknowledged.
  for (const line of lines.slice(0, -1)) addLine(blocks, JSON.parse(line) as BlockLine);
  return blocks;
}

function addLine(blocks: WrittenBlocks, { index, checksum, at }: BlockLine): void {
  if (index !== undefined && checksum !== undefined) blocks.checksums.set(index, checksum);
  blocks.lastWriteAt = Math.max(blocks.lastWriteAt, at);
}

function formatLine(line: BlockLine): string {
  return `${JSON.stringify(line)}\n`;
}

function summarise({ checksums }: WrittenBlocks): UploadProgress {
  const digest = createHash('sha256');
  for (const [, checksum] of [...checksums].sort(([one], [other]) => one - other)) {
    digest.update(Buffer.from(checksum, 'base64'));
  }
  return { blockCount: checksums.size, checksum: digest.digest('base64') };
}
