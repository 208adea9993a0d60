// Bytes of a disk, wherever they are: a raw file, a qcow2 file, a partition, later the blocks of an EBS snapshot.

import { constants, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createError } from '../../../errors.js';

// Metadata is read in thousands of small pieces; a trip through the thread pool costs more than each of them.
const SYNC_BYTES = 64 * 1024;

export interface BlockSource {
  /** Bytes. */
  readonly size: number;
  /**
   * Exactly `length` bytes.
   * Errors: SCAN_IMAGE_DAMAGED when they lie outside of the source.
   */
  read(offset: number, length: number): Promise<Buffer>;
  /** The same into a buffer of the caller's, where that is cheaper; fills it. */
  readInto?(offset: number, bytes: Buffer): Promise<void>;
  /** Whether a range was never written and so reads as zeros; undefined where the source cannot tell without reading. */
  isHole?(offset: number, length: number): Promise<boolean>;
  close(): Promise<void>;
}

/** A regular file of this machine as blocks. Errors: SCAN_TARGET_UNREADABLE, and those of node:fs. */
export async function openFileSource(path: string): Promise<BlockSource> {
  // Without O_NONBLOCK, opening a FIFO waits until somebody writes.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const stats = await handle.stat();
  if (!stats.isFile()) {
    await handle.close();
    throw createError('SCAN_TARGET_UNREADABLE', [path, 'it is not a regular file']);
  }
  const { size } = stats;

  async function readInto(offset: number, bytes: Buffer): Promise<void> {
    const { length } = bytes;
    assertInside({ size }, offset, length);
    let filled = 0;
    while (filled < length) {
      const place = [bytes, filled, length - filled, offset + filled] as const;
      const bytesRead = length <= SYNC_BYTES ? readSync(handle.fd, ...place) : (await handle.read(...place)).bytesRead;
      if (bytesRead === 0) throw createError('SCAN_IMAGE_DAMAGED', [`the file ends at byte ${offset + filled}`]);
      filled += bytesRead;
    }
  }

  return {
    size,
    async read(offset, length) {
      assertInside({ size }, offset, length);
      const bytes = Buffer.allocUnsafe(length);
      await readInto(offset, bytes);
      return bytes;
    },
    readInto,
    close: () => handle.close(),
  };
}

/** A part of a source, such as a partition. Closing it leaves the source open. */
export function sliceSource(source: BlockSource, start: number, size: number): BlockSource {
  assertInside(source, start, 0);
  return {
    size,
    read(offset, length) {
      assertInside({ size }, offset, length);
      return source.read(start + offset, length);
    },
    isHole: async (offset, length) => (await source.isHole?.(start + offset, length)) ?? false,
    close: async () => undefined,
  };
}

/** Refuses a range that a damaged or hostile image points to. Errors: SCAN_IMAGE_DAMAGED. */
export function assertInside({ size }: { readonly size: number }, offset: number, length: number): void {
  const isSane = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  if (isSane && offset + length <= size) return;
  throw createError('SCAN_IMAGE_DAMAGED', [`it refers to ${length} bytes at ${offset}, but has ${size}`]);
}

/** Reads into fixed chunks and keeps the ones used last: inodes and directory blocks lie close together. */
export function cacheSource(source: BlockSource, { chunkBytes = 16 * 1024, chunks = 1024 } = {}): BlockSource {
  const cached = new Map<number, Buffer>();

  async function chunkAt(number: number): Promise<Buffer> {
    const hit = cached.get(number);
    if (hit !== undefined) {
      cached.delete(number);
      cached.set(number, hit);
      return hit;
    }
    const start = number * chunkBytes;
    const chunk = await source.read(start, Math.min(chunkBytes, source.size - start));
    cached.set(number, chunk);
    for (const oldest of cached.size > chunks ? cached.keys() : []) {
      cached.delete(oldest);
      break;
    }
    return chunk;
  }

  return {
    size: source.size,
    async read(offset, length) {
      assertInside(source, offset, length);
      // Large reads are content, read once: they would only push the metadata out.
      if (length > chunkBytes) return source.read(offset, length);
      const first = Math.floor(offset / chunkBytes);
      const start = offset - first * chunkBytes;
      if (start + length <= chunkBytes) return (await chunkAt(first)).subarray(start, start + length);
      const head = (await chunkAt(first)).subarray(start);
      const tail = (await chunkAt(first + 1)).subarray(0, length - head.length);
      return Buffer.concat([head, tail]);
    },
    close: () => source.close(),
  };
}

const BLANK_CHUNK_BYTES = 1024 * 1024;

/** Whether all bytes from `start` on are zeros, of which at most `maxBytes` are read; undefined when there are more. */
export async function isBlank(
  source: BlockSource,
  { start = 0, maxBytes }: { readonly start?: number; readonly maxBytes: number },
): Promise<boolean | undefined> {
  let left = maxBytes;
  for (let at = start; at < source.size; at += BLANK_CHUNK_BYTES) {
    const length = Math.min(BLANK_CHUNK_BYTES, source.size - at);
    if ((await source.isHole?.(at, length)) === true) continue;
    left -= length;
    if (left < 0) return undefined;
    const bytes = await source.read(at, length);
    if (bytes.some((byte) => byte !== 0)) return false;
  }
  return true;
}
