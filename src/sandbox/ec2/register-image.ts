import {
  type EbsBlockDevice,
  RegisterImage$,
  type RegisterImageRequest,
  type RegisterImageResult,
} from '@aws-sdk/client-ec2';
import { done, idleOneOf, oneOf, withoutEffect } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import { createId } from '../world/ids.js';
import type { ImageRecord, SnapshotRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { checkImageName, createImageRecord } from './image-record.js';
import { BOOT_MODE, NOT_ENCRYPTED_HERE, tagsOf, VOLUME } from './members.js';
import { assertNotDryRun, getSnapshot } from './requests.js';
import { assertRootOnly } from './root-device.js';
import { readTagSpecifications } from './tags.js';

export const registerImageOperations = [
  defineOperation(RegisterImage$, registerImage, {
    Name: done,
    Description: done,
    Architecture: oneOf(['x86_64', 'arm64']),
    VirtualizationType: oneOf(['hvm']),
    RootDeviceName: done,
    BlockDeviceMappings: {
      DeviceName: done,
      Ebs: { ...VOLUME, SnapshotId: done, Encrypted: NOT_ENCRYPTED_HERE },
    },
    BootMode: idleOneOf(['legacy-bios', 'uefi', 'uefi-preferred'], BOOT_MODE),
    ImdsSupport: oneOf(['v2.0']),
    TpmSupport: idleOneOf(['v2.0'], 'recorded and shown; no machine has a TPM'),
    EnaSupport: withoutEffect('recorded and shown'),
    SriovNetSupport: idleOneOf(['simple'], 'every image shows it'),
    TagSpecifications: tagsOf(['image']),
  }),
];

function registerImage(input: RegisterImageRequest, context: RequestContext): RegisterImageResult {
  const name = checkImageName(input.Name, context);
  const architecture = readArchitecture(input);
  assertSupported(input);
  const rootDeviceName = input.RootDeviceName ?? input.BlockDeviceMappings?.[0]?.DeviceName ?? '/dev/sda1';
  assertRootOnly(input.BlockDeviceMappings, rootDeviceName);
  const root = input.BlockDeviceMappings?.find((mapping) => mapping.DeviceName === rootDeviceName)?.Ebs;
  const snapshot = getRootSnapshot(root, rootDeviceName, context);
  const tags = readTagSpecifications(input.TagSpecifications, 'image');
  assertNotDryRun(input.DryRun);
  const id = createId('ami');
  context.world.images.put({
    ...createImageRecord(context, { id, name, tags }),
    description: input.Description,
    architecture,
    rootDeviceName,
    snapshotId: snapshot.id,
    volumeSizeGib: root?.VolumeSize ?? snapshot.volumeSizeGib,
    volumeType: root?.VolumeType ?? 'gp2',
    deleteOnTermination: root?.DeleteOnTermination ?? true,
    state: 'available',
    bootMode: input.BootMode,
    imdsSupport: input.ImdsSupport,
    tpmSupport: input.TpmSupport,
    hasEna: input.EnaSupport ?? false,
  });
  return { ImageId: id };
}

// The API's defaults are of 2006: i386 and paravirtual. Clients that leave them out get images that start nowhere.
function readArchitecture({ Architecture: architecture = 'i386' }: RegisterImageRequest): ImageRecord['architecture'] {
  if (architecture === 'x86_64' || architecture === 'arm64') return architecture;
  throw new AwsError('InvalidParameterValue', `The sandbox has no machines of the architecture ${architecture}`);
}

function assertSupported(input: RegisterImageRequest): void {
  const { VirtualizationType: virtualization = 'paravirtual', BootMode: bootMode } = input;
  if (input.ImageLocation !== undefined) {
    throw new AwsError('UnsupportedOperation', 'The sandbox has no images that are backed by instance store');
  }
  if (virtualization !== 'hvm') {
    throw new AwsError('UnsupportedOperation', `The sandbox has hvm machines only, not ${virtualization} ones`);
  }
  assertOneOf('BootMode', bootMode, ['legacy-bios', 'uefi', 'uefi-preferred']);
  assertOneOf('ImdsSupport', input.ImdsSupport, ['v2.0']);
  assertOneOf('TpmSupport', input.TpmSupport, ['v2.0']);
  if (input.TpmSupport !== undefined && bootMode !== 'uefi') {
    throw new AwsError('InvalidParameterCombination', 'TpmSupport v2.0 needs the boot mode uefi');
  }
}

function assertOneOf(parameter: string, value: string | undefined, allowed: readonly string[]): void {
  if (value === undefined || allowed.includes(value)) return;
  throw new AwsError('InvalidParameterValue', `Value (${value}) for parameter ${parameter} is invalid.`);
}

/** A completed snapshot that the account owns or may make volumes of. */
function getRootSnapshot(
  root: EbsBlockDevice | undefined,
  rootDeviceName: string,
  context: RequestContext,
): SnapshotRecord {
  if (root?.SnapshotId === undefined) {
    throw new AwsError('InvalidBlockDeviceMapping', `The root device ${rootDeviceName} must name a snapshot`);
  }
  const snapshot = getSnapshot(context, root.SnapshotId);
  const { ownerId, isPublic, sharedAccounts, volumeSizeGib } = snapshot;
  if (ownerId !== context.accountId && !isPublic && !sharedAccounts.includes(context.accountId)) {
    throw new AwsError('AuthFailure', `Not authorized for snapshot:${snapshot.id}`, 403);
  }
  if (snapshot.state !== 'completed') {
    throw new AwsError('IncorrectState', `Snapshot '${snapshot.id}' is not 'completed'.`);
  }
  if ((root.VolumeSize ?? volumeSizeGib) < volumeSizeGib) {
    throw new AwsError(
      'InvalidBlockDeviceMapping',
      `Volume of size ${root.VolumeSize}GB is smaller than snapshot '${snapshot.id}', expect size >= ${volumeSizeGib}GB`,
    );
  }
  return snapshot;
}
