import {
  CreateImage$,
  type CreateImageRequest,
  type CreateImageResult,
  RegisterImage$,
  type RegisterImageRequest,
  type RegisterImageResult,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import { resolveSnapshotFile } from '../world/disk-files.js';
import { createId } from '../world/ids.js';
import { startImageJob } from '../world/image-jobs.js';
import type { InstanceRecord, VolumeRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { checkImageName, createImageRecord } from './image-record.js';
import { assertNotDryRun, getInstance, getSnapshot } from './requests.js';
import { assertRootOnly } from './root-device.js';
import { readTagSpecifications } from './tags.js';

export const createImageOperations = [
  defineOperation(CreateImage$, createImage),
  defineOperation(RegisterImage$, registerImage),
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
    kmsKeyId: volume.kmsKeyId,
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

function registerImage(input: RegisterImageRequest, context: RequestContext): RegisterImageResult {
  const name = checkImageName(input.Name, context);
  const rootDeviceName = input.RootDeviceName ?? input.BlockDeviceMappings?.[0]?.DeviceName ?? '/dev/sda1';
  assertRootOnly(input.BlockDeviceMappings, rootDeviceName);
  const root = input.BlockDeviceMappings?.find((mapping) => mapping.DeviceName === rootDeviceName)?.Ebs;
  if (root?.SnapshotId === undefined) {
    throw new AwsError('InvalidBlockDeviceMapping', `The root device ${rootDeviceName} must name a snapshot`);
  }
  const snapshot = getSnapshot(context, root.SnapshotId);
  if (snapshot.state !== 'completed') {
    throw new AwsError(
      'InvalidSnapshot.NotFound',
      `The snapshot '${snapshot.id}' is not completed: it is ${snapshot.state}.`,
    );
  }
  const architecture = input.Architecture ?? 'x86_64';
  if (architecture !== 'x86_64' && architecture !== 'arm64') {
    throw new AwsError('InvalidParameterValue', `The sandbox has no machines of the architecture ${architecture}`);
  }
  const tags = readTagSpecifications(input.TagSpecifications, 'image');
  assertNotDryRun(input.DryRun);
  const id = createId('ami');
  context.world.images.put({
    ...createImageRecord(context, { id, name, tags }),
    description: input.Description,
    architecture,
    rootDeviceName,
    snapshotId: snapshot.id,
    volumeSizeGib: Math.max(root.VolumeSize ?? 0, snapshot.volumeSizeGib),
    volumeType: root.VolumeType ?? 'gp3',
    deleteOnTermination: root.DeleteOnTermination ?? true,
    state: 'available',
    bootMode: input.BootMode,
    imdsSupport: input.ImdsSupport,
  });
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
