// The blocks of one snapshot by the EBS direct APIs. Only blocks that were ever written are listed; each is read with a
// token from that list, good for a week (https://docs.aws.amazon.com/ebs/latest/userguide/ebsapi-elements.html).

import { createHash } from 'node:crypto';
import { type EBSClient, GetSnapshotBlockCommand, ListSnapshotBlocksCommand } from '@aws-sdk/client-ebs';
import { createError } from '../errors.js';
import { awsErrorCode } from './translate-error.js';
import { translateSnapshotError } from './translate-snapshot-error.js';

export interface SnapshotBlocks {
  /** Bytes of the volume. */
  readonly size: number;
  readonly blockSize: number;
  /** Indexes of the written blocks in a range, both ends included, ascending. */
  listBetween(first: number, last: number): readonly number[];
  /**
   * Content of a written block.
   * Errors: SNAPSHOT_BLOCK_DAMAGED, and those of `openSnapshotBlocks`.
   */
  fetch(index: number): Promise<Buffer>;
}

interface BlockAccess {
  readonly ebs: EBSClient;
  readonly snapshotId: string;
  readonly signal: AbortSignal;
}

const GIB = 1024 ** 3;
const LARGEST_PAGE = 10_000;
// What the SDK retries ends with the headers; a body that is cut short or damaged is for us to ask for again.
const BODY_ATTEMPTS = 3;

/**
 * Lists a snapshot's blocks.
 * Errors: SNAPSHOT_NOT_FOUND, SNAPSHOT_NOT_READABLE, SNAPSHOT_KEY_FORBIDDEN, and those of any AWS call.
 */
export async function openSnapshotBlocks(access: BlockAccess): Promise<SnapshotBlocks> {
  let list = await listBlocks(access);
  let renewal: Promise<void> | undefined;

  async function renewTokens(): Promise<void> {
    list = await listBlocks(access);
  }

  /** Blocks on their way at the same time find their tokens expired together; one new list serves them all. */
  async function renewToken(index: number, refused: string): Promise<string> {
    if (list.tokens.get(index) === refused) {
      renewal ??= renewTokens().finally(() => {
        renewal = undefined;
      });
      await renewal;
    }
    return list.tokens.get(index) ?? '';
  }

  return {
    size: list.size,
    blockSize: list.blockSize,
    listBetween(first, last) {
      const indexes: number[] = [];
      for (let index = first; index <= last; index += 1) if (list.tokens.has(index)) indexes.push(index);
      return indexes;
    },
    async fetch(index) {
      const token = list.tokens.get(index) ?? '';
      const { blockSize } = list;
      try {
        return await fetchBlock(access, { index, token, blockSize }).catch(async (error: unknown) => {
          if (!isTokenRefused(error)) throw error;
          return await fetchBlock(access, { index, token: await renewToken(index, token), blockSize });
        });
      } catch (error) {
        throw translateSnapshotError('ebs:GetSnapshotBlock', access, error);
      }
    },
  };
}

interface BlockList {
  readonly size: number;
  readonly blockSize: number;
  readonly tokens: ReadonlyMap<number, string>;
}

async function listBlocks(access: BlockAccess): Promise<BlockList> {
  const tokens = new Map<number, string>();
  let size = 0;
  let blockSize = 0;
  let next: string | undefined;
  do {
    const page = await listPage(access, next);
    for (const { BlockIndex, BlockToken } of page.Blocks ?? []) tokens.set(BlockIndex ?? 0, BlockToken ?? '');
    size = (page.VolumeSize ?? 0) * GIB;
    blockSize = page.BlockSize ?? 0;
    next = page.NextToken === '' ? undefined : page.NextToken;
  } while (next !== undefined);
  return { size, blockSize, tokens };
}

async function listPage(access: BlockAccess, next: string | undefined) {
  const { ebs, snapshotId, signal } = access;
  try {
    return await ebs.send(
      new ListSnapshotBlocksCommand({
        SnapshotId: snapshotId,
        MaxResults: LARGEST_PAGE,
        ...(next === undefined ? {} : { NextToken: next }),
      }),
      { abortSignal: signal },
    );
  } catch (error) {
    throw translateSnapshotError('ebs:ListSnapshotBlocks', access, error);
  }
}

interface WantedBlock {
  readonly index: number;
  readonly token: string;
  readonly blockSize: number;
}

async function fetchBlock({ ebs, snapshotId, signal }: BlockAccess, wanted: WantedBlock): Promise<Buffer> {
  let failure: unknown;
  for (let attempt = 0; attempt < BODY_ATTEMPTS; attempt += 1) {
    signal.throwIfAborted();
    const answer = await ebs.send(
      new GetSnapshotBlockCommand({ SnapshotId: snapshotId, BlockIndex: wanted.index, BlockToken: wanted.token }),
      { abortSignal: signal },
    );
    try {
      const bytes = Buffer.from((await answer.BlockData?.transformToByteArray()) ?? []);
      const digest = createHash('sha256').update(bytes).digest('base64');
      if (bytes.length === wanted.blockSize && digest === answer.Checksum) return bytes;
    } catch (error) {
      failure = error;
    }
  }
  throw createError('SNAPSHOT_BLOCK_DAMAGED', [snapshotId, wanted.index], { cause: failure });
}

// AWS names neither an expired token nor a wrong one apart from the other.
function isTokenRefused(error: unknown): boolean {
  const { Reason } = error as { readonly Reason?: unknown };
  return awsErrorCode(error) === 'ValidationException' && Reason === 'INVALID_BLOCK_TOKEN';
}
