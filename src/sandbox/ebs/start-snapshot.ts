import { StartSnapshot$, type StartSnapshotRequest, type StartSnapshotResponse } from '@aws-sdk/client-ebs';
import { resolveEncryption } from '../ec2/encryption.js';
import { findRepeated, rememberToken } from '../ec2/requests.js';
import { readTags, viewTags } from '../ec2/tags.js';
import { done } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import { BLOCK_BYTES } from '../world/block-size.js';
import { resolveSnapshotFile } from '../world/disk-files.js';
import { createId } from '../world/ids.js';
import type { SnapshotRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { isBeingWritten } from '../world/snapshot-jobs.js';
import { invalid } from './errors.js';
import { getReadableSnapshot } from './find-snapshot.js';

export const startSnapshotOperation = defineOperation(StartSnapshot$, startSnapshot, {
  VolumeSize: done,
  ParentSnapshotId: done,
  Tags: { Key: done, Value: done },
  Description: done,
  ClientToken: done,
  Encrypted: done,
  KmsKeyArn: done,
  Timeout: done,
});

// https://docs.aws.amazon.com/ebs/latest/APIReference/API_StartSnapshot.html
const LARGEST_VOLUME_GIB = 65_536;
const DEFAULT_TIMEOUT_MINUTES = 60;
const LONGEST_TIMEOUT_MINUTES = 4320;
const SHORTEST_TIMEOUT_MINUTES = 10;
const LONGEST_TOKEN = 255;

async function startSnapshot(input: StartSnapshotRequest, context: RequestContext): Promise<StartSnapshotResponse> {
  const repeated = context.world.snapshots.find(findStarted(input, context) ?? '');
  if (repeated !== undefined) return viewStarted(repeated);
  assertInput(input);
  const { VolumeSize: volumeSizeGib = 0, Timeout: timeoutMinutes = DEFAULT_TIMEOUT_MINUTES } = input;
  assertNotTooMany(context);
  const tags = readEbsTags(input);
  const parent = input.ParentSnapshotId === undefined ? undefined : getParent(input, context);
  const encryption = resolveEncryption(
    context,
    { Encrypted: input.Encrypted, KmsKeyId: input.KmsKeyArn },
    { isEncrypted: false, ...parent, handsKeyDown: true },
  );
  const id = createId('snap');
  const snapshot = context.world.snapshots.put({
    id,
    region: context.region,
    tags,
    ownerId: context.accountId,
    description: input.Description ?? '',
    state: 'pending',
    volumeId: 'vol-ffffffffffffffff0',
    volumeSizeGib,
    startedAt: context.clock.now().toISOString(),
    ...encryption,
    isPublic: false,
    sharedAccounts: [],
    file: resolveSnapshotFile(context, id),
    upload: { parentSnapshotId: parent?.id, timeoutMinutes, isComplete: false },
  });
  // Before the first wait: the same request may come twice at the same time.
  rememberToken(context, 'StartSnapshot', input, [id]);
  await context.snapshotUploads.begin(id, { sizeGib: volumeSizeGib, parent: await openParent(parent, context) });
  return viewStarted(snapshot);
}

async function openParent(parent: SnapshotRecord | undefined, { snapshotDisks }: RequestContext) {
  if (parent === undefined) return undefined;
  const { file } = parent;
  return { file, blocks: (await snapshotDisks.open(file)).blocks };
}

/** The same request again finds what it began; another one with the same token is refused. */
function findStarted(input: StartSnapshotRequest, context: RequestContext): string | undefined {
  try {
    return findRepeated(context, 'StartSnapshot', input)?.[0];
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new AwsError('ConflictException', 'The client token was used for a request with other parameters.', 409);
  }
}

function assertInput(input: StartSnapshotRequest): void {
  const { VolumeSize: size = 0, Timeout: timeout = DEFAULT_TIMEOUT_MINUTES } = input;
  if (!Number.isInteger(size) || size < 1 || size > LARGEST_VOLUME_GIB) {
    throw invalid('INVALID_VOLUME_SIZE', `VolumeSize must be between 1 and ${LARGEST_VOLUME_GIB} GiB, not ${size}.`);
  }
  if (timeout < SHORTEST_TIMEOUT_MINUTES || timeout > LONGEST_TIMEOUT_MINUTES) {
    throw invalid(
      'INVALID_PARAMETER_VALUE',
      `Timeout must be between ${SHORTEST_TIMEOUT_MINUTES} and ${LONGEST_TIMEOUT_MINUTES} minutes, not ${timeout}.`,
    );
  }
  if ((input.ClientToken ?? '').length > LONGEST_TOKEN) {
    throw invalid('INVALID_PARAMETER_VALUE', `ClientToken has more than ${LONGEST_TOKEN} characters.`);
  }
  const hasKey = input.Encrypted !== undefined || input.KmsKeyArn !== undefined;
  if (hasKey && input.ParentSnapshotId !== undefined) {
    throw invalid('INVALID_PARAMETER_VALUE', 'A snapshot with a parent has the encryption of its parent.');
  }
  if (input.KmsKeyArn !== undefined && input.Encrypted !== true) {
    throw invalid('INVALID_PARAMETER_VALUE', 'KmsKeyArn needs Encrypted to be true.');
  }
}

// https://docs.aws.amazon.com/general/latest/gr/ebs-service.html: pending snapshots of an account
const MOST_PENDING = 100;

function assertNotTooMany({ world, region, accountId }: RequestContext): void {
  const pending = world.snapshots
    .list()
    .filter((each) => each.region === region && each.ownerId === accountId && isBeingWritten(each));
  if (pending.length < MOST_PENDING) return;
  throw new AwsError('ConcurrentLimitExceededException', 'You have reached the limit for concurrent API requests.');
}

function getParent(input: StartSnapshotRequest, context: RequestContext): SnapshotRecord {
  const parent = getReadableSnapshot(context, input.ParentSnapshotId);
  if (parent.volumeSizeGib <= (input.VolumeSize ?? 0)) return parent;
  throw invalid('INVALID_VOLUME_SIZE', `The volume must not be smaller than its parent's ${parent.volumeSizeGib} GiB.`);
}

function readEbsTags({ Tags: tags = [] }: StartSnapshotRequest) {
  try {
    return readTags(tags);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw invalid('INVALID_TAG', error.message);
  }
}

function viewStarted(snapshot: SnapshotRecord): StartSnapshotResponse {
  return {
    SnapshotId: snapshot.id,
    OwnerId: snapshot.ownerId,
    Status: snapshot.state,
    StartTime: new Date(snapshot.startedAt),
    VolumeSize: snapshot.volumeSizeGib,
    BlockSize: BLOCK_BYTES,
    Description: snapshot.description,
    Tags: viewTags(snapshot.tags),
    ParentSnapshotId: snapshot.upload?.parentSnapshotId,
    KmsKeyArn: snapshot.kmsKeyId,
    SseType: snapshot.isEncrypted ? 'sse-kms' : 'none',
  };
}
