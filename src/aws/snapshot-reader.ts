import type { EBSClient } from '@aws-sdk/client-ebs';
import { mapLimit } from '../map-limit.js';
import { assertInside } from '../scan/tree/image/block-source.js';
import { createBlockCache } from './block-cache.js';
import type { SnapshotDisk, SnapshotReader } from './ports.js';
import { openSnapshotBlocks } from './snapshot-blocks.js';

// One snapshot answers 1000 blocks a second; eight at a time keep a line of 100 Mbit/s busy at AWS's latency, and
// the machine's memory free.
const PARALLEL_BLOCKS = 8;
// Files mostly lie in one piece, so a read that goes on where the last one ended will want the next blocks too.
const READ_AHEAD_BLOCKS = 4;
const CACHE_BYTES = 128 * 1024 ** 2;

/** Reads snapshots over the EBS direct APIs. */
export function createSnapshotReader(ebs: EBSClient): SnapshotReader {
  return { openSnapshot: (snapshotId, signal) => openSnapshotDisk(ebs, snapshotId, signal) };
}

async function openSnapshotDisk(ebs: EBSClient, snapshotId: string, signal: AbortSignal): Promise<SnapshotDisk> {
  const closing = new AbortController();
  const blocks = await openSnapshotBlocks({ ebs, snapshotId, signal: AbortSignal.any([signal, closing.signal]) });
  const { blockSize, size } = blocks;
  const cache = createBlockCache({
    fetch: (index) => blocks.fetch(index),
    capacity: Math.floor(CACHE_BYTES / blockSize),
    aheadLimit: PARALLEL_BLOCKS,
  });
  let nextExpected = 0;

  return {
    size,
    async read(offset, length) {
      signal.throwIfAborted();
      assertInside({ size }, offset, length);
      const bytes = Buffer.alloc(length);
      const first = Math.floor(offset / blockSize);
      const last = Math.floor((offset + length - 1) / blockSize);
      const wanted = blocks.listBetween(first, last);
      if (first === nextExpected) cache.readAhead(blocks.listBetween(last + 1, last + READ_AHEAD_BLOCKS));
      nextExpected = last + 1;
      const outcomes = await mapLimit(wanted, PARALLEL_BLOCKS, async (index) => {
        const block = await cache.get(index);
        const start = index * blockSize;
        // Copied, not sliced: a caller that keeps 16 KiB must not keep the 512 KiB around them alive.
        block.copy(bytes, Math.max(start - offset, 0), Math.max(offset - start, 0), offset + length - start);
      });
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
      return bytes;
    },
    async close() {
      closing.abort();
      cache.clear();
    },
  };
}
