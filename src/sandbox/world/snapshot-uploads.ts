// A snapshot that is being written: a sparse raw file, and beside it a line for every block that was acknowledged. Both
// outlive the server, so that a client goes on where it was.

import { createHash, randomBytes } from 'node:crypto';
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
  /** Turns the disk into a qcow2 and ends the upload. Gives the indexes of the blocks that it has, ascending. */
  seal(snapshotId: string, sealed: SealedSnapshot): Promise<readonly number[]>;
  drop(snapshotId: string): Promise<void>;
  /** Ids of the snapshots of which something is kept. */
  list(): Promise<readonly string[]>;
}

export interface UploadDisk {
  readonly sizeGib: number;
  readonly parent: UploadParent | undefined;
}

export interface UploadParent {
  readonly file: string;
  /** Indexes of the blocks that it has. */
  readonly blocks: readonly number[];
}

export interface SealedSnapshot {
  /** Where the qcow2 goes. */
  readonly file: string;
  /** What was never written is then no zeros to a volume: as on AWS, a client has to send those as well. */
  readonly isEncrypted: boolean;
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
  /** Indexes of the blocks of the parent, in the first line. */
  readonly inherited?: readonly number[];
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
    async begin(snapshotId, { sizeGib, parent }) {
      const raw = rawOf(snapshotId);
      if (parent === undefined) await writeFile(raw, '', { mode: 0o600 });
      else await convert(['-f', 'qcow2', '-O', 'raw', parent.file, raw]);
      await truncate(raw, sizeGib * GIB);
      await writeFile(linesOf(snapshotId), formatLine({ at: clock.now().getTime(), inherited: parent?.blocks ?? [] }), {
        mode: 0o600,
      });
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
    async seal(snapshotId, { file, isEncrypted }) {
      const { checksums, inherited } = await blocksOf(snapshotId);
      const blocks = [...new Set([...inherited, ...checksums.keys()])].sort((one, other) => one - other);
      if (isEncrypted) await fillUnwritten(rawOf(snapshotId), new Set(blocks));
      await convert(['-f', 'raw', '-O', 'qcow2', rawOf(snapshotId), `${file}.partial`]);
      await rename(`${file}.partial`, file);
      await drop(snapshotId);
      return blocks;
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

/** A cluster of qcow2: enough of each block to be no zeros, and cheap to keep. */
const NOISE_BYTES = 64 * 1024;

/** Random bytes at the start of every block that nobody wrote. */
async function fillUnwritten(raw: string, written: ReadonlySet<number>): Promise<void> {
  const file = await open(raw, 'r+');
  try {
    const { size } = await file.stat();
    for (let index = 0; index * BLOCK_BYTES < size; index += 1) {
      if (!written.has(index)) await file.write(randomBytes(NOISE_BYTES), 0, NOISE_BYTES, index * BLOCK_BYTES);
    }
  } finally {
    await file.close();
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
  inherited: readonly number[];
  lastWriteAt: number;
}

async function readBlocks(file: string): Promise<WrittenBlocks> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  const blocks: WrittenBlocks = { checksums: new Map(), inherited: [], lastWriteAt: 0 };
  // What follows the last newline was cut short with the server, and was never acknowledged.
  for (const line of lines.slice(0, -1)) addLine(blocks, JSON.parse(line) as BlockLine);
  return blocks;
}

function addLine(blocks: WrittenBlocks, { index, checksum, at, inherited }: BlockLine): void {
  if (inherited !== undefined) blocks.inherited = inherited;
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
