// Where the log of an XFS filesystem begins and ends. Names, modes and removals that are in the log only are in no inode
// and no directory, and no field of the superblock says so. After xlog_find_head and xlog_find_tail of the kernel's
// fs/xfs/xfs_log_recover.c; `xfs_logprint -t` prints the same two numbers.

import type { BlockSource } from '../block-source.js';
import { damaged } from '../bytes.js';
import type { XfsSuperblock } from './superblock.js';

export interface XfsLogEnds {
  /** Block of 512 bytes, counted from the start of the log, that would be written next. */
  readonly head: number;
  /** Block of the first record that has to be replayed; the same as `head` after a clean unmount. */
  readonly tail: number;
}

const LOG_BLOCK_BYTES = 512;
const RECORD_MAGIC = 0xfeedbabe;
const UNMOUNT_RECORD = 0x20;
/** A record has at most 256 KiB, and a header block for each 32 KiB of it. */
const MAX_RECORD_BLOCKS = 512 + 8;
const HEADER_COVERS_BYTES = 32 * 1024;
/** Eight buffers may have been on their way to the disk at once, so old blocks may lie between new ones for so long. */
const MAX_BLOCKS_IN_FLIGHT = 8 * 512;

/**
 * Finds both ends of a log that lies inside of the filesystem.
 * Errors: SCAN_IMAGE_DAMAGED when it is no log.
 */
export async function findXfsLogEnds(source: BlockSource, superblock: XfsSuperblock): Promise<XfsLogEnds> {
  const log = openLog(source, superblock);
  const firstCycle = await readCycle(log, 0);
  // A log of zeros was never written.
  if (firstCycle === 0) return { head: 0, tail: 0 };
  const written = await findEndOfWrites(log, firstCycle);
  const last = await findRecordBefore(log, written);
  // A record that did not reach the disk as a whole does not count: the log ends before it.
  const head = last.end === written ? written : last.start;
  const record = last.end === written ? last : await findRecordBefore(log, head);
  return { head, tail: record.isUnmount ? head : record.tail };
}

interface Log {
  /** In blocks of 512 bytes. */
  readonly length: number;
  /** Blocks that do not lead over the end of the log. */
  read(first: number, count: number): Promise<Buffer>;
}

function openLog(source: BlockSource, { log, blockBytes }: XfsSuperblock): Log {
  const length = (log.blocks * blockBytes) / LOG_BLOCK_BYTES;
  if (length < 2 * MAX_RECORD_BLOCKS) throw damaged(`an XFS log of ${log.blocks} blocks`);
  return {
    length,
    read: (first, count) => source.read(log.offset + first * LOG_BLOCK_BYTES, count * LOG_BLOCK_BYTES),
  };
}

/** How often the log had been filled when a block of it was written; each block begins with it. */
async function readCycle(log: Log, block: number): Promise<number> {
  return cycleIn(await log.read(block, 1), 0);
}

function cycleIn(blocks: Buffer, at: number): number {
  const start = at * LOG_BLOCK_BYTES;
  const first = blocks.readUInt32BE(start);
  return first === RECORD_MAGIC ? blocks.readUInt32BE(start + 4) : first;
}

/** The first block that is older than those before it; the cycle drops there. */
async function findEndOfWrites(log: Log, firstCycle: number): Promise<number> {
  const lastCycle = await readCycle(log, log.length - 1);
  const isFull = lastCycle === firstCycle;
  const oldCycle = isFull ? firstCycle - 1 : lastCycle;
  if (!isFull && lastCycle !== 0 && lastCycle !== firstCycle - 1) throw damaged('the cycles of its XFS log');
  const drop = isFull ? log.length : await searchCycle(log, lastCycle);
  // Writes may have reached the disk out of order: the end is before the oldest gap, which may lie around the corner.
  const around = Math.max(MAX_BLOCKS_IN_FLIGHT - drop, 0);
  const corner = around === 0 || oldCycle === 0 ? undefined : log.length - Math.min(around, log.length);
  const wrapped =
    corner === undefined ? undefined : await findCycle(log, { from: corner, to: log.length, cycle: oldCycle - 1 });
  if (wrapped !== undefined) return wrapped;
  const from = Math.max(drop - MAX_BLOCKS_IN_FLIGHT, 0);
  return ((await findCycle(log, { from, to: drop, cycle: oldCycle })) ?? drop) % log.length;
}

/** The first block of the run of `cycle` that ends the log. */
async function searchCycle(log: Log, cycle: number): Promise<number> {
  let newer = 0;
  let older = log.length - 1;
  while (older - newer > 1) {
    const middle = Math.floor((newer + older) / 2);
    if ((await readCycle(log, middle)) === cycle) older = middle;
    else newer = middle;
  }
  return older;
}

interface CycleSearch {
  readonly from: number;
  /** Not included. */
  readonly to: number;
  readonly cycle: number;
}

async function findCycle(log: Log, { from, to, cycle }: CycleSearch): Promise<number | undefined> {
  const blocks = await log.read(from, to - from);
  for (let at = 0; at < to - from; at += 1) if (cycleIn(blocks, at) === cycle) return from + at;
  return undefined;
}

interface LogRecord {
  readonly start: number;
  /** Block that follows it. */
  readonly end: number;
  /** Block of the first record that has to be replayed when this one was written. */
  readonly tail: number;
  /** Written by an unmount, after everything else was in its place. */
  readonly isUnmount: boolean;
}

/** The last record that begins before a block; the log is a ring. */
async function findRecordBefore(log: Log, block: number): Promise<LogRecord> {
  const before = Math.min(block, MAX_RECORD_BLOCKS);
  const wrapped = MAX_RECORD_BLOCKS - before;
  const blocks = Buffer.concat([await log.read(log.length - wrapped, wrapped), await log.read(block - before, before)]);
  for (let at = MAX_RECORD_BLOCKS - 1; at >= 0; at -= 1) {
    const header = blocks.subarray(at * LOG_BLOCK_BYTES, (at + 1) * LOG_BLOCK_BYTES);
    if (header.readUInt32BE(0) !== RECORD_MAGIC) continue;
    const start = (block - MAX_RECORD_BLOCKS + at + log.length) % log.length;
    return await readRecord(log, start, header);
  }
  throw damaged('no record in its XFS log');
}

/** Fields: struct xlog_rec_header and struct xlog_op_header in fs/xfs/libxfs/xfs_log_format.h. */
async function readRecord(log: Log, start: number, header: Buffer): Promise<LogRecord> {
  const hasLongHeader = (header.readUInt32BE(8) & 2) !== 0;
  const bufferBytes = hasLongHeader ? header.readUInt32BE(320) : 0;
  const headerBlocks = Math.max(1, Math.ceil(bufferBytes / HEADER_COVERS_BYTES));
  const contentBlocks = Math.ceil(header.readUInt32BE(12) / LOG_BLOCK_BYTES);
  if (headerBlocks + contentBlocks > MAX_RECORD_BLOCKS) throw damaged('a record of its XFS log is too long');
  const isSingle = header.readUInt32BE(40) === 1;
  const operation = isSingle ? await log.read((start + headerBlocks) % log.length, 1) : undefined;
  return {
    start,
    end: (start + headerBlocks + contentBlocks) % log.length,
    tail: header.readUInt32BE(28),
    isUnmount: operation !== undefined && (operation.readUInt8(9) & UNMOUNT_RECORD) !== 0,
  };
}
