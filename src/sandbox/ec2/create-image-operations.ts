import {
  CopyImage$,
  type CopyImageRequest,
  type CopyImageResult,
  CreateImage$,
  type CreateImageRequest,
  type CreateImageResult,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import { readAccountSettings } from '../world/account-settings.js';
import { ensureRegionBaseImages } from '../world/base-images.js';
import { resolveSnapshotFile } from '../world/disk-files.js';
import { createId } from '../world/ids.js';
import { startImageJob } from '../world/image-jobs.js';
import type { InstanceRecord, VolumeRecord } from '../world/records.js';
import { REGIONS } from '../world/regions.js';
import type { RequestContext } from '../world/services.js';
import { checkImageName, createImageRecord } from './image-record.js';
import { assertNotDryRun, findRepeated, getImage, getInstance, getSnapshot, rememberToken } from './requests.js';
import { assertRootOnly } from './root-device.js';
import { readTagSpecifications } from './tags.js';

export const createImageOperations = [
  defineOperation(CreateImage$, createImage),
  defineOperation(CopyImage$, copyImage),
];

function createImage(input: CreateImageRequest, context: RequestContext): CreateImageResult {
  const { world, clock, accountId, region } = context;
  const instance = getInstance(context, input.InstanceId);
  const name = checkImageName(input.Name, context);
  assertCapturable(instance, input);
  assertRootOnly(input.BlockDeviceMappings, instance.rootDeviceName);
  const tags = readTagSpecifications(input.TagSpecifications, 'image', ['image', 'snapshot']);
  const snapshotTags = readTagSpecifications(input.TagSpecifications, 'snapshot', ['image', 'snapshot']);
  const volume = getVolume(context, instance);
  assertNotDryRun(input.DryRun);
  const id = createId('ami');
  const snapshotId = createId('snap');
  world.snapshots.put({
    id: snapshotId,
    region,
    tags: snapshotTags,
    ownerId: accountId,
    description: `Created by CreateImage(${instance.id}) for ${id}`,
    state: 'pending',
    volumeId: volume.id,
    volumeSizeGib: volume.sizeGib,
    startedAt: clock.now().toISOString(),
    isEncrypted: volume.isEncrypted,
    isPublic: false,
    sharedAccounts: [],
    file: resolveSnapshotFile(context, snapshotId),
  });
  const root = input.BlockDeviceMappings?.find((mapping) => mapping.DeviceName === instance.rootDeviceName)?.Ebs;
  const image = world.images.put({
    ...createImageRecord(context, { id, name, tags }),
    description: input.Description,
    architecture: instance.architecture,
    rootDeviceName: instance.rootDeviceName,
    snapshotId,
    volumeSizeGib: root?.VolumeSize ?? volume.sizeGib,
    volumeType: root?.VolumeType ?? volume.type,
    deleteOnTermination: root?.DeleteOnTermination ?? true,
    // An image hands its demand for IMDSv2 down to those that are made of its instances.
    imdsSupport: world.images.find(instance.imageId)?.imdsSupport,
    sourceInstanceId: instance.id,
    sourceImage: { id: instance.imageId, region },
  });
  startImageJob(context, image);
  return { ImageId: id };
}

/** Copies share the source's file: it never changes, and it is removed with the last snapshot that needs it. */
async function copyImage(input: CopyImageRequest, context: RequestContext): Promise<CopyImageResult> {
  const repeated = findRepeated(context, 'CopyImage', input)?.[0];
  if (repeated !== undefined) return { ImageId: repeated };
  const { SourceRegion: sourceRegion = '', SourceImageId } = input;
  if (!REGIONS.includes(sourceRegion))
    throw new AwsError('InvalidParameterValue', `Invalid source region: ${sourceRegion}`);
  await ensureRegionBaseImages(context, sourceRegion);
  const source = getImage({ ...context, region: sourceRegion }, SourceImageId);
  if (source.state !== 'available') {
    throw new AwsError(
      'InvalidAMIID.Unavailable',
      `The image ID '${source.id}' is not available: it is ${source.state}`,
    );
  }
  const name = checkImageName(input.Name, context);
  const tags = readTagSpecifications(input.TagSpecifications, 'image', ['image', 'snapshot']);
  const snapshotTags = readTagSpecifications(input.TagSpecifications, 'snapshot', ['image', 'snapshot']);
  assertNotDryRun(input.DryRun);
  const sourceSnapshot = getSnapshot({ ...context, region: sourceRegion }, source.snapshotId);
  const id = createId('ami');
  const snapshotId = createId('snap');
  context.world.snapshots.put({
    ...sourceSnapshot,
    id: snapshotId,
    region: context.region,
    tags: snapshotTags,
    ownerId: context.accountId,
    description: `Copied for DestinationAmi ${id} from SourceAmi ${source.id} for SourceSnapshot ${sourceSnapshot.id}. Task created on ${context.clock.now().getTime()}.`,
    state: 'pending',
    volumeId: 'vol-ffffffffffffffff0',
    startedAt: context.clock.now().toISOString(),
    isEncrypted: readAccountSettings(context).isEncryptedByDefault || (input.Encrypted ?? sourceSnapshot.isEncrypted),
    isPublic: false,
    sharedAccounts: [],
  });
  const image = context.world.images.put({
    ...createImageRecord(context, {
      id,
      name,
      tags: { ...(input.CopyImageTags === true ? source.tags : {}), ...tags },
    }),
    description: input.Description ?? source.description,
    architecture: source.architecture,
    rootDeviceName: source.rootDeviceName,
    snapshotId,
    volumeSizeGib: source.volumeSizeGib,
    volumeType: source.volumeType,
    deleteOnTermination: source.deleteOnTermination,
    bootMode: source.bootMode,
    tpmSupport: source.tpmSupport,
    hasEna: source.hasEna,
    imdsSupport: source.imdsSupport,
    sourceImage: { id: source.id, region: sourceRegion },
  });
  rememberToken(context, 'CopyImage', input, [id]);
  startImageJob(context, image);
  return { ImageId: id };
}

function assertCapturable(instance: InstanceRecord, input: CreateImageRequest): void {
  if (instance.state !== 'running' && instance.state !== 'stopped') {
    throw new AwsError(
      'IncorrectInstanceState',
      `Instance is not in state 'running' or 'stopped': ${instance.id} is ${instance.state}.`,
    );
  }
  if (instance.state === 'running' && input.NoReboot === true) {
    throw new AwsError(
      'UnsupportedOperation',
      `The sandbox cannot take the image of a running instance without turning it off. Stop ${instance.id} first, or leave NoReboot out.`,
    );
  }
}

function getVolume({ world }: RequestContext, instance: InstanceRecord): VolumeRecord {
  const volume = world.volumes.find(instance.volumeId);
  if (volume !== undefined) return volume;
  throw new AwsError('IncorrectInstanceState', `Instance ${instance.id} has no root volume`);
}
