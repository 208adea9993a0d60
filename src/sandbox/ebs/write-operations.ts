import { createHash } from 'node:crypto';
import {
  CompleteSnapshot$,
  type CompleteSnapshotRequest,
  type CompleteSnapshotResponse,
  PutSnapshotBlock$,
  type PutSnapshotBlockRequest,
  type PutSnapshotBlockResponse,
} from '@aws-sdk/client-ebs';
import { checked, done, withoutEffect } from '../members/member-rules.js';
import { defineOperation } from '../wire/operation.js';
import { BLOCK_BYTES } from '../world/block-size.js';
import type { RequestContext } from '../world/services.js';
import { startSnapshotJob } from '../world/snapshot-jobs.js';
import { invalid } from './errors.js';
import { getWritableSnapshot } from './find-snapshot.js';
import { startSnapshotOperation } from './start-snapshot.js';

export const writeOperations = [
  startSnapshotOperation,
  defineOperation(PutSnapshotBlock$, putSnapshotBlock, {
    SnapshotId: done,
    BlockIndex: done,
    BlockData: done,
    DataLength: done,
    Checksum: done,
    ChecksumAlgorithm: checked,
    Progress: withoutEffect('checked; nothing shows it'),
  }),
  defineOperation(CompleteSnapshot$, completeSnapshot, {
    SnapshotId: done,
    ChangedBlocksCount: done,
    Checksum: done,
    ChecksumAlgorithm: checked,
    ChecksumAggregationMethod: checked,
  }),
];

const BLOCKS_PER_GIB = 1024 ** 3 / BLOCK_BYTES;

/** Writing a block again overwrites it. */
async function putSnapshotBlock(
  input: Omit<PutSnapshotBlockRequest, 'BlockData'> & { readonly BlockData?: Uint8Array },
  context: RequestContext,
): Promise<PutSnapshotBlockResponse> {
  const snapshot = await getWritableSnapshot(context, input.SnapshotId);
  const { BlockIndex: index = -1, BlockData: bytes, Progress: progress = 0 } = input;
  if (!Number.isInteger(index) || index < 0 || index >= snapshot.volumeSizeGib * BLOCKS_PER_GIB) {
    throw invalid('INVALID_BLOCK', `The block ${index} is not in a volume of ${snapshot.volumeSizeGib} GiB.`);
  }
  if (input.DataLength !== BLOCK_BYTES || bytes?.length !== BLOCK_BYTES) {
    throw invalid('INVALID_PARAMETER_VALUE', `A block has ${BLOCK_BYTES} bytes, not ${bytes?.length ?? 0}.`);
  }
  if (progress < 0 || progress > 100) {
    throw invalid('INVALID_PARAMETER_VALUE', `Progress must be between 0 and 100, not ${progress}.`);
  }
  assertAlgorithm(input.ChecksumAlgorithm);
  const checksum = createHash('sha256').update(bytes).digest('base64');
  if (checksum !== input.Checksum) {
    throw invalid('INVALID_PARAMETER_VALUE', `The checksum ${input.Checksum} is not that of the data, ${checksum}.`);
  }
  await context.snapshotUploads.put(snapshot.id, index, { bytes, checksum });
  return { Checksum: checksum, ChecksumAlgorithm: 'SHA256' };
}

async function completeSnapshot(
  input: CompleteSnapshotRequest,
  context: RequestContext,
): Promise<CompleteSnapshotResponse> {
  const earlier = context.world.snapshots.find(input.SnapshotId ?? '');
  // A reply may have been lost: completing twice is completing once.
  if (
    earlier?.upload?.isComplete === true &&
    earlier.ownerId === context.accountId &&
    earlier.region === context.region
  ) {
    return { Status: earlier.state };
  }
  const snapshot = await getWritableSnapshot(context, input.SnapshotId);
  const { blockCount, checksum } = await context.snapshotUploads.describe(snapshot.id);
  if (input.ChangedBlocksCount !== blockCount) {
    throw invalid(
      'INVALID_PARAMETER_VALUE',
      `ChangedBlocksCount is ${input.ChangedBlocksCount}, but ${blockCount} blocks were written.`,
    );
  }
  assertAggregateChecksum(input, checksum);
  const complete = { ...snapshot, upload: { ...snapshot.upload, isComplete: true } };
  context.world.snapshots.put(complete);
  startSnapshotJob(context, complete);
  return { Status: 'pending' };
}

/** A checksum over everything may be left out. */
function assertAggregateChecksum(input: CompleteSnapshotRequest, checksum: string): void {
  if (input.Checksum === undefined) return;
  assertAlgorithm(input.ChecksumAlgorithm);
  if (input.ChecksumAggregationMethod !== 'LINEAR') {
    throw invalid('INVALID_PARAMETER_VALUE', 'ChecksumAggregationMethod must be LINEAR.');
  }
  if (input.Checksum === checksum) return;
  throw invalid('INVALID_PARAMETER_VALUE', `The checksum ${input.Checksum} is not that of the blocks, ${checksum}.`);
}

function assertAlgorithm(algorithm: string | undefined): void {
  if (algorithm !== 'SHA256') throw invalid('INVALID_PARAMETER_VALUE', 'ChecksumAlgorithm must be SHA256.');
}
