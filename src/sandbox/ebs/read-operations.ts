import { createHash } from 'node:crypto';
import {
  type ChangedBlock,
  GetSnapshotBlock$,
  type GetSnapshotBlockRequest,
  type GetSnapshotBlockResponse,
  ListChangedBlocks$,
  type ListChangedBlocksRequest,
  type ListChangedBlocksResponse,
  ListSnapshotBlocks$,
  type ListSnapshotBlocksRequest,
  type ListSnapshotBlocksResponse,
} from '@aws-sdk/client-ebs';
import { done } from '../members/member-rules.js';
import { defineOperation } from '../wire/operation.js';
import { BLOCK_BYTES } from '../world/block-size.js';
import type { SnapshotRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import type { SnapshotDisk } from '../world/snapshot-disks.js';
import { invalid } from './errors.js';
import { getReadableSnapshot } from './find-snapshot.js';
import { assertRelated } from './lineage.js';
import { assertBlockToken, issueBlockTokens, issuePageToken, readPageToken } from './tokens.js';

const LISTED = { NextToken: done, MaxResults: done, StartingBlockIndex: done } as const;

export const readOperations = [
  defineOperation(ListSnapshotBlocks$, listSnapshotBlocks, { ...LISTED, SnapshotId: done }),
  defineOperation(ListChangedBlocks$, listChangedBlocks, { ...LISTED, FirstSnapshotId: done, SecondSnapshotId: done }),
  defineOperation(GetSnapshotBlock$, getSnapshotBlock, { SnapshotId: done, BlockIndex: done, BlockToken: done }),
];

async function listSnapshotBlocks(
  input: ListSnapshotBlocksRequest,
  context: RequestContext,
): Promise<ListSnapshotBlocksResponse> {
  const snapshot = getReadableSnapshot(context, input.SnapshotId);
  const disk = await context.snapshotDisks.open(snapshot.file);
  const page = cutBlocks(disk.blocks, input, { context, list: snapshot.id });
  const { expiresAt, blockToken } = issueBlockTokens(context);
  return {
    ...describeVolume(snapshot, expiresAt),
    NextToken: page.nextToken,
    Blocks: page.indexes.map((index) => ({ BlockIndex: index, BlockToken: blockToken(snapshot.id, index) })),
  };
}

/** Without a first snapshot, every block of the second one has changed. */
async function listChangedBlocks(
  input: ListChangedBlocksRequest,
  context: RequestContext,
): Promise<ListChangedBlocksResponse> {
  const second = getReadableSnapshot(context, input.SecondSnapshotId);
  const first = input.FirstSnapshotId === undefined ? undefined : getReadableSnapshot(context, input.FirstSnapshotId);
  if (first !== undefined) assertRelated(context, first, second);
  const disks = {
    first: first === undefined ? undefined : await context.snapshotDisks.open(first.file),
    second: await context.snapshotDisks.open(second.file),
  };
  const page = cutBlocks(await listDifferences(disks.first, disks.second), input, {
    context,
    list: `${first?.id ?? ''}:${second.id}`,
  });
  const { expiresAt, blockToken } = issueBlockTokens(context);
  return {
    ...describeVolume(second, expiresAt),
    NextToken: page.nextToken,
    ChangedBlocks: page.indexes.map((index): ChangedBlock => {
      const isInFirst = first !== undefined && disks.first?.has(index) === true;
      return {
        BlockIndex: index,
        ...(isInFirst ? { FirstBlockToken: blockToken(first.id, index) } : {}),
        ...(disks.second.has(index) ? { SecondBlockToken: blockToken(second.id, index) } : {}),
      };
    }),
  };
}

async function getSnapshotBlock(
  input: GetSnapshotBlockRequest,
  context: RequestContext,
): Promise<Omit<GetSnapshotBlockResponse, 'BlockData'> & { readonly BlockData: Buffer }> {
  const snapshot = getReadableSnapshot(context, input.SnapshotId);
  const index = input.BlockIndex ?? -1;
  assertBlockToken(context, input.BlockToken, { snapshotId: snapshot.id, index });
  const block = await (await context.snapshotDisks.open(snapshot.file)).read(index);
  return {
    DataLength: block.length,
    BlockData: block,
    Checksum: createHash('sha256').update(block).digest('base64'),
    ChecksumAlgorithm: 'SHA256',
  };
}

async function listDifferences(first: SnapshotDisk | undefined, second: SnapshotDisk): Promise<readonly number[]> {
  if (first === undefined) return second.blocks;
  const candidates = [...new Set([...first.blocks, ...second.blocks])].sort((one, other) => one - other);
  const changed: number[] = [];
  for (const index of candidates) {
    if (!(await first.read(index)).equals(await second.read(index))) changed.push(index);
  }
  return changed;
}

interface PageRequest {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
  readonly StartingBlockIndex?: number | undefined;
}

const SMALLEST_PAGE = 100;
const LARGEST_PAGE = 10_000;

function cutBlocks(
  indexes: readonly number[],
  { MaxResults: size = LARGEST_PAGE, NextToken: token, StartingBlockIndex: start = 0 }: PageRequest,
  { context, list }: { readonly context: RequestContext; readonly list: string },
): { readonly indexes: readonly number[]; readonly nextToken: string | undefined } {
  if (size < SMALLEST_PAGE || size > LARGEST_PAGE) {
    throw invalid('INVALID_PARAMETER_VALUE', `MaxResults must be between ${SMALLEST_PAGE} and ${LARGEST_PAGE}.`);
  }
  if (start < 0) throw invalid('INVALID_PARAMETER_VALUE', 'StartingBlockIndex must not be negative.');
  // A page token takes precedence: "If you specify NextToken, then StartingBlockIndex is ignored."
  const from = token === undefined ? start : readPageToken(context, list, token);
  const rest = indexes.filter((index) => index >= from);
  const next = rest[size];
  return {
    indexes: rest.slice(0, size),
    nextToken: next === undefined ? undefined : issuePageToken(context, list, next),
  };
}

function describeVolume({ volumeSizeGib }: SnapshotRecord, expiresAt: Date) {
  return { ExpiryTime: expiresAt, VolumeSize: volumeSizeGib, BlockSize: BLOCK_BYTES };
}
