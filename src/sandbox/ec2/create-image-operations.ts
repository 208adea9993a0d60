import {
  BootModeOverrideValues,
  CreateImage$,
  type CreateImageRequest,
  type CreateImageResult,
} from '@aws-sdk/client-ec2';
import { done, idleOneOf, oneOf } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import { resolveSnapshotFile } from '../world/disk-files.js';
import { createId } from '../world/ids.js';
import { startImageJob } from '../world/image-jobs.js';
import type { InstanceRecord, VolumeRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { checkImageName, createImageRecord } from './image-record.js';
import { BOOT_MODE, NOT_ENCRYPTED_HERE, tagsOf, VOLUME } from './members.js';
import { assertNotDryRun, getInstance } from './requests.js';
import { readRootDevice } from './root-device.js';
import { readTagSpecifications } from './tags.js';

export const createImageOperations = [
  defineOperation(CreateImage$, createImage, {
    InstanceId: done,
    Name: done,
    Description: done,
    NoReboot: done,
    TagSpecifications: tagsOf(['image', 'snapshot']),
    BootModeOverride: idleOneOf(Object.values(BootModeOverrideValues), BOOT_MODE),
    SnapshotLocation: oneOf(['regional']),
    BlockDeviceMappings: { DeviceName: done, Ebs: { ...VOLUME, Encrypted: NOT_ENCRYPTED_HERE } },
  }),
];

function createImage(input: CreateImageRequest, context: RequestContext): CreateImageResult {
  const { world, clock, accountId, region } = context;
  const instance = getInstance(context, input.InstanceId);
  const name = checkImageName(input.Name, context);
  assertCapturable(instance, input);
  const tags = readTagSpecifications(input.TagSpecifications, 'image');
  const snapshotTags = readTagSpecifications(input.TagSpecifications, 'snapshot');
  const volume = getVolume(context, instance);
  const root = readRootDevice(input.BlockDeviceMappings, {
    rootDeviceName: instance.rootDeviceName,
    volumeSizeGib: volume.sizeGib,
    snapshotId: 'of the root volume',
  });
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
    kmsKeyId: volume.kmsKeyId,
    isPublic: false,
    sharedAccounts: [],
    file: resolveSnapshotFile(context, snapshotId),
  });
  const image = world.images.put({
    ...createImageRecord(context, { id, name, tags }),
    description: input.Description,
    architecture: instance.architecture,
    rootDeviceName: instance.rootDeviceName,
    snapshotId,
    volumeSizeGib: root.sizeGib,
    volumeType: root.Ebs?.VolumeType ?? volume.type,
    deleteOnTermination: root.Ebs?.DeleteOnTermination ?? true,
    // An image hands its demand for IMDSv2 down to those that are made of its instances.
    imdsSupport: world.images.find(instance.imageId)?.imdsSupport,
    bootMode: input.BootModeOverride ?? world.images.find(instance.imageId)?.bootMode,
    sourceInstanceId: instance.id,
    sourceImage: { id: instance.imageId, region },
  });
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
