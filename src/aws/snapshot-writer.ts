import {
  CompleteSnapshotCommand,
  type EBSClient,
  PutSnapshotBlockCommand,
  StartSnapshotCommand,
  type StartSnapshotCommandInput,
} from '@aws-sdk/client-ebs';
import type { Clock } from '../clock.js';
import { type BuildimgError, createError } from '../errors.js';
import { createPace, type Pace } from './pace.js';
import {
  BLOCK_BYTES,
  type SentBlocks,
  type SnapshotBlock,
  type SnapshotOrder,
  type SnapshotWriter,
} from './registration-ports.js';
import { findTrouble, retryRequest } from './retry-request.js';
import { toTags } from './tags.js';
import { awsErrorCode, translateAwsError } from './translate-error.js';
import { translateSnapshotError } from './translate-snapshot-error.js';

export interface SnapshotWriterOptions {
  /** Asks once: retries are ours, since two layers of them multiply. */
  readonly ebs: EBSClient;
  readonly clock: Clock;
  /** Blocks that may be on their way at the same time. */
  readonly parallelBlocks: number;
}

/** Writes snapshots over the SDK. */
export function createSnapshotWriter({ ebs, clock, parallelBlocks }: SnapshotWriterOptions): SnapshotWriter {
  const pace = createPace(parallelBlocks);
  skipBodyDigests(ebs);
  return {
    async start(order, signal) {
      const subject = { snapshotId: order.parentSnapshotId ?? 'the new snapshot', signal };
      try {
        const command = new StartSnapshotCommand(toStartSnapshot(order));
        const {
          SnapshotId: id = '',
          KmsKeyArn,
          SseType,
        } = await retryRequest(() => ebs.send(command, { abortSignal: signal }), {
          clock,
          signal,
          spread: 0.5,
          fatal: ['unseen', 'damaged'],
        });
        // Of a snapshot with a key, whoever chose it; SSEType is "reserved for future use".
        const isEncrypted = KmsKeyArn !== undefined || (SseType ?? 'none') !== 'none';
        return { id, isEncrypted: isEncrypted || order.encryption !== undefined };
      } catch (error) {
        if (awsErrorCode(error) !== 'ConflictException') throw translateWriteError('ebs:StartSnapshot', subject, error);
        throw createError('SNAPSHOT_ORDER_CONFLICT', [order.clientToken], { cause: error });
      }
    },
    async putBlock(snapshotId, block, signal) {
      try {
        await putAtPace({ ebs, clock, pace, snapshotId, signal }, block);
      } catch (error) {
        throw translateWriteError('ebs:PutSnapshotBlock', { snapshotId, signal }, error);
      }
    },
    async complete(snapshotId, sent, signal) {
      try {
        const command = new CompleteSnapshotCommand(toCompleteSnapshot(snapshotId, sent));
        await retryRequest(() => ebs.send(command, { abortSignal: signal }), {
          clock,
          signal,
          spread: 0.5,
          fatal: ['damaged'],
        });
        return true;
      } catch (error) {
        if ((error as { readonly Reason?: string }).Reason === 'INVALID_SNAPSHOT_ID') return false;
        throw translateWriteError('ebs:CompleteSnapshot', { snapshotId, signal }, error);
      }
    },
  };
}

/** A key that may not be used has words of its own; whoever else is refused lacks a permission to write. */
function translateWriteError(
  action: string,
  subject: { readonly snapshotId: string; readonly signal: AbortSignal },
  error: unknown,
): BuildimgError {
  const translated = translateSnapshotError(action, subject, error);
  return translated.code === 'SNAPSHOT_NOT_READABLE' ? translateAwsError(action, error) : translated;
}

/** As AWS defines PutSnapshotBlock: its checksum is signed, the body is not. Without this, every block is hashed twice. */
function skipBodyDigests(ebs: EBSClient): void {
  ebs.middlewareStack.add(
    (next, context) => async (call) => {
      if (context.commandName === 'PutSnapshotBlockCommand') {
        const { headers } = call.request as { readonly headers: Record<string, string> };
        headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD';
      }
      return await next(call);
    },
    { step: 'build', name: 'skipBodyDigests' },
  );
}

interface BlockRequest {
  readonly ebs: EBSClient;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly snapshotId: string;
  readonly signal: AbortSignal;
}

async function putAtPace({ ebs, clock, pace, snapshotId, signal }: BlockRequest, block: SnapshotBlock): Promise<void> {
  const checksum = block.digest.toString('base64');
  const command = new PutSnapshotBlockCommand({
    SnapshotId: snapshotId,
    BlockIndex: block.index,
    BlockData: block.bytes,
    DataLength: BLOCK_BYTES,
    Checksum: checksum,
    ChecksumAlgorithm: 'SHA256',
  });
  await retryRequest(
    async () => {
      const turn = await pace.begin(signal);
      try {
        await ebs.send(command, { abortSignal: signal });
        turn.end('done');
      } catch (error) {
        turn.end(isCongestion(error) ? 'congested' : 'failed');
        throw error;
      }
    },
    { clock, signal, spread: spreadOf(block.index) },
  );
}

function isCongestion(error: unknown): boolean {
  return awsErrorCode(error) === 'TimeoutError' || findTrouble(error) === 'throttled';
}

/** Neighbours are sent together; the golden ratio keeps their multiples apart. */
function spreadOf(index: number): number {
  return (index * 0.618_033_988_749_895) % 1;
}

function toStartSnapshot(order: SnapshotOrder): StartSnapshotCommandInput {
  const { parentSnapshotId, encryption } = order;
  return {
    ClientToken: order.clientToken,
    VolumeSize: order.volumeSizeGib,
    Description: order.description,
    Timeout: order.timeoutMinutes,
    Tags: toTags(order.tags),
    ...(parentSnapshotId === undefined ? {} : { ParentSnapshotId: parentSnapshotId }),
    ...(encryption === undefined ? {} : { Encrypted: true }),
    ...(encryption?.kmsKeyArn === undefined ? {} : { KmsKeyArn: encryption.kmsKeyArn }),
  };
}

function toCompleteSnapshot(snapshotId: string, { blockCount, digest }: SentBlocks) {
  return {
    SnapshotId: snapshotId,
    ChangedBlocksCount: blockCount,
    // Without any block there is nothing that a checksum could be over.
    ...(blockCount === 0
      ? {}
      : {
          Checksum: digest.toString('base64'),
          ChecksumAlgorithm: 'SHA256' as const,
          ChecksumAggregationMethod: 'LINEAR' as const,
        }),
  };
}
