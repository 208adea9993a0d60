import { CopyImage$, type CopyImageRequest, type CopyImageResult } from '@aws-sdk/client-ec2';
import { done, withoutEffect } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import { ensureRegionBaseImages } from '../world/base-images.js';
import { createId } from '../world/ids.js';
import { startImageJob } from '../world/image-jobs.js';
import type { ImageRecord, SnapshotRecord } from '../world/records.js';
import { REGIONS } from '../world/regions.js';
import type { RequestContext } from '../world/services.js';
import { isAllowed } from './allowed-images.js';
import { resolveEncryption } from './encryption.js';
import { checkImageName, createImageRecord } from './image-record.js';
import { tagsOf } from './members.js';
import { assertNotDryRun, findRepeated, getImage, rememberToken } from './requests.js';
import { readTagSpecifications } from './tags.js';
import { isReadableSnapshot } from './visibility.js';

export const copyImageOperations = [
  defineOperation(CopyImage$, copyImage, {
    Name: done,
    SourceImageId: done,
    SourceRegion: done,
    ClientToken: done,
    Description: done,
    Encrypted: done,
    KmsKeyId: done,
    CopyImageTags: done,
    TagSpecifications: tagsOf(['image', 'snapshot']),
    SnapshotCopyCompletionDurationMinutes: withoutEffect('checked; a copy takes as long as it takes'),
  }),
];

const LONGEST_TOKEN = 128;
const DURATION_STEP_MINUTES = 15;
const LONGEST_DURATION_MINUTES = 48 * 60;

/**
 * Copies share the source's file: it never changes, and it is removed with the last snapshot that needs it. Launch
 * permissions, deprecation and protection are not copied; tags are when asked for, and only those of one's own image.
 */
async function copyImage(input: CopyImageRequest, context: RequestContext): Promise<CopyImageResult> {
  assertInput(input);
  await ensureRegionBaseImages(context, input.SourceRegion ?? '');
  const repeated = findRepeated(context, 'CopyImage', input)?.[0];
  if (repeated !== undefined) return { ImageId: repeated };
  const { image: source, snapshot: sourceSnapshot } = getSource(input, context);
  const name = checkImageName(input.Name, context);
  const tags = readTagSpecifications(input.TagSpecifications, 'image');
  const snapshotTags = readTagSpecifications(input.TagSpecifications, 'snapshot');
  const encryption = resolveEncryption(context, input, { ...sourceSnapshot, handsKeyDown: false });
  assertNotDryRun(input.DryRun);
  const id = createId('ami');
  const snapshotId = createId('snap');
  context.world.snapshots.put({
    id: snapshotId,
    region: context.region,
    tags: snapshotTags,
    ownerId: context.accountId,
    description: `Copied for DestinationAmi ${id} from SourceAmi ${source.id} for SourceSnapshot ${sourceSnapshot.id}. Task created on ${context.clock.now().getTime()}.`,
    state: 'pending',
    volumeId: 'vol-ffffffffffffffff0',
    volumeSizeGib: sourceSnapshot.volumeSizeGib,
    startedAt: context.clock.now().toISOString(),
    isPublic: false,
    sharedAccounts: [],
    file: sourceSnapshot.file,
    ...encryption,
  });
  const ownTags = input.CopyImageTags === true && source.ownerId === context.accountId ? source.tags : {};
  const image = context.world.images.put({
    ...source,
    ...createImageRecord(context, { id, name, tags: { ...ownTags, ...tags } }),
    sharedArns: [],
    deregistrationProtection: undefined,
    protectedUntil: undefined,
    lastLaunchedAt: undefined,
    description: input.Description ?? source.description,
    snapshotId,
    bootMode: source.bootMode,
    imdsSupport: source.imdsSupport,
    sourceImage: { id: source.id, region: source.region },
  });
  rememberToken(context, 'CopyImage', input, [id]);
  startImageJob(context, image);
  return { ImageId: id };
}

function assertInput(input: CopyImageRequest): void {
  const { SourceRegion: sourceRegion = '', SnapshotCopyCompletionDurationMinutes: duration } = input;
  if (!REGIONS.includes(sourceRegion)) {
    throw new AwsError('InvalidParameterValue', `Invalid source region: ${sourceRegion}`);
  }
  if ((input.ClientToken ?? '').length > LONGEST_TOKEN) {
    throw new AwsError('InvalidParameterValue', `ClientToken has more than ${LONGEST_TOKEN} characters`);
  }
  if (duration === undefined) return;
  if (duration % DURATION_STEP_MINUTES === 0 && duration > 0 && duration <= LONGEST_DURATION_MINUTES) return;
  throw new AwsError(
    'InvalidParameterValue',
    `SnapshotCopyCompletionDurationMinutes must be a multiple of 15 up to ${LONGEST_DURATION_MINUTES}, not ${duration}`,
  );
}

function getSource(
  input: CopyImageRequest,
  context: RequestContext,
): { readonly image: ImageRecord; readonly snapshot: SnapshotRecord } {
  const image = getImage({ ...context, region: input.SourceRegion ?? '' }, input.SourceImageId);
  if (!isAllowed(context, image)) {
    throw new AwsError('InvalidAMIID.NotFound', `The image id '[${image.id}]' does not exist`);
  }
  if (image.state !== 'available') {
    throw new AwsError('InvalidAMIID.Unavailable', `The image ID '${image.id}' is not available: it is ${image.state}`);
  }
  const snapshot = context.world.snapshots.find(image.snapshotId);
  if (snapshot !== undefined && isReadableSnapshot(context, snapshot)) return { image, snapshot };
  throw new AwsError('InvalidRequest', 'You do not have permission to access the storage of this ami');
}
