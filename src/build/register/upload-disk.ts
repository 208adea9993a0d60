import { hash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { BLOCK_BYTES, type SnapshotWriter } from '../../aws/registration-ports.js';
import { mapLimit } from '../../map-limit.js';
import type { BlockSource } from '../../scan/tree/image/block-source.js';
import type { BlockLedger, BlockOrigin } from './block-ledger.js';
import type { ParentContent } from './parent-content.js';

export interface DiskUpload {
  readonly disk: BlockSource;
  readonly snapshotId: string;
  readonly snapshots: Pick<SnapshotWriter, 'putBlock'>;
  readonly ledger: BlockLedger;
  readonly parent: ParentContent | undefined;
  /**
   * Send blocks of zeros as any other. In an encrypted snapshot they must be: what was never written there is not zeros
   * to a volume, but random (https://github.com/awslabs/coldsnap/issues/395).
   */
  readonly sendsZeros?: boolean;
  /** Blocks that are worked on at the same time; the memory that this takes is so many blocks. */
  readonly parallelBlocks: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: UploadProgress) => void;
}

/** In blocks, of this process. */
export interface UploadProgress {
  readonly looked: number;
  readonly sent: number;
  /** All that the disk has, zeros as well. */
  readonly total: number;
}

/** SHA-256 of a block of zeros. */
const ZERO_BLOCK = Buffer.alloc(BLOCK_BYTES);
const ZERO_DIGEST = digestOf(ZERO_BLOCK);

/**
 * Brings a snapshot to the content of a disk: sends every block that is not there already and would not read as zeros anyway.
 * Rejects with the first failure, when nothing is on its way any more.
 */
export async function uploadDisk(upload: DiskUpload): Promise<UploadProgress> {
  const { disk, parallelBlocks, onProgress } = upload;
  const total = countBlocks(disk.size);
  const failing = new AbortController();
  const signal = AbortSignal.any([upload.signal, failing.signal]);
  // Every request on its way listens to it; node takes more than ten listeners for a leak.
  setMaxListeners(0, signal);
  let next = 0;
  let looked = 0;
  let sent = 0;

  async function work(): Promise<void> {
    // One for all blocks of a worker: a new one for each costs more than reading into it.
    const buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    try {
      while (next < total) {
        signal.throwIfAborted();
        const index = next;
        next += 1;
        if (await bringBlock({ index, buffer }, { ...upload, signal })) sent += 1;
        looked += 1;
        onProgress({ looked, sent, total });
      }
    } catch (error) {
      failing.abort(error);
      throw error;
    }
  }

  const workers = Array.from({ length: Math.min(parallelBlocks, total) });
  for (const outcome of await mapLimit(workers, workers.length, work)) {
    // The others fail for the first one's sake, with its reason.
    if (outcome.status === 'rejected') throw outcome.reason;
  }
  return { looked, sent, total };
}

/** How many blocks a disk takes; the last one may be cut short. */
export function countBlocks(diskBytes: number): number {
  return Math.ceil(diskBytes / BLOCK_BYTES);
}

interface BlockPlace {
  readonly index: number;
  /** Of a block's length, to read it into. */
  readonly buffer: Buffer;
}

/** Whether it had to be sent. */
async function bringBlock(place: BlockPlace, upload: DiskUpload): Promise<boolean> {
  const { index } = place;
  const { ledger, snapshots, snapshotId, signal } = upload;
  const bytes = await readBlock(place, upload.disk);
  const digest = bytes === undefined ? ZERO_DIGEST : digestOf(bytes);
  const known = ledger.find(index);
  if (known?.equals(digest) === true) return false;
  if (known === undefined) {
    const origin = await findOrigin(index, digest, upload);
    if (origin === 'unwritten') return false;
    if (origin === 'same') {
      ledger.record(index, digest, origin);
      return false;
    }
  }
  await snapshots.putBlock(snapshotId, { index, bytes: bytes ?? ZERO_BLOCK, digest }, signal);
  ledger.record(index, digest, 'sent');
  return true;
}

/** `unwritten`: nobody has ever written there, and it reads as zeros, as it should. */
async function findOrigin(
  index: number,
  digest: Buffer,
  { parent, sendsZeros = false }: Pick<DiskUpload, 'parent' | 'sendsZeros'>,
): Promise<BlockOrigin | 'unwritten'> {
  if (parent?.has(index) !== true) return digest === ZERO_DIGEST && !sendsZeros ? 'unwritten' : 'sent';
  return (await parent.digestOf(index)).equals(digest) ? 'same' : 'sent';
}

/** Undefined for zeros. The end of a disk that is no whole block is filled with them. */
async function readBlock({ index, buffer }: BlockPlace, disk: BlockSource): Promise<Buffer | undefined> {
  const offset = index * BLOCK_BYTES;
  const length = Math.min(BLOCK_BYTES, disk.size - offset);
  if ((await disk.isHole?.(offset, length)) === true) return undefined;
  if (disk.readInto === undefined) (await disk.read(offset, length)).copy(buffer);
  else await disk.readInto(offset, buffer.subarray(0, length));
  buffer.fill(0, length);
  return buffer.equals(ZERO_BLOCK) ? undefined : buffer;
}

function digestOf(bytes: Buffer): Buffer {
  return hash('sha256', bytes, 'buffer');
}
