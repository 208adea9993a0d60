import type { BlockDeviceMapping } from '@aws-sdk/client-ec2';
import { AwsError } from '../wire/aws-error.js';
import type { ImageRecord } from '../world/records.js';

const MAX_VOLUME_GIB = 16_384;

/**
 * The root device that a launch asks for, its size filled in. Instance store and suppressed devices are accepted and do
 * nothing; a second EBS volume is refused, because a machine here has one disk.
 */
export function readRootDevice(
  mappings: readonly BlockDeviceMapping[] | undefined,
  image: Pick<ImageRecord, 'rootDeviceName' | 'volumeSizeGib' | 'snapshotId'>,
): BlockDeviceMapping & { readonly sizeGib: number } {
  assertRootOnly(mappings, image.rootDeviceName);
  const root = mappings?.find((mapping) => mapping.DeviceName === image.rootDeviceName) ?? {};
  if (root.NoDevice !== undefined || root.VirtualName !== undefined) {
    throw new AwsError('InvalidBlockDeviceMapping', `The root device ${image.rootDeviceName} must be an EBS volume`);
  }
  if (root.Ebs?.SnapshotId !== undefined && root.Ebs.SnapshotId !== image.snapshotId) {
    throw new AwsError(
      'InvalidBlockDeviceMapping',
      `The snapshot of the root device ${image.rootDeviceName} is ${image.snapshotId} and cannot be another one`,
    );
  }
  const sizeGib = root.Ebs?.VolumeSize ?? image.volumeSizeGib;
  if (sizeGib < image.volumeSizeGib) {
    throw new AwsError(
      'InvalidBlockDeviceMapping',
      `Volume of size ${sizeGib}GB is smaller than snapshot '${image.snapshotId}', expect size >= ${image.volumeSizeGib}GB`,
    );
  }
  if (sizeGib > MAX_VOLUME_GIB) throw new AwsError('InvalidParameterValue', `Volume size ${sizeGib} is too large`);
  return { ...root, sizeGib };
}

/** Refuses EBS volumes other than the root's. */
export function assertRootOnly(mappings: readonly BlockDeviceMapping[] | undefined, rootDeviceName: string): void {
  const extra = mappings?.find((mapping) => mapping.Ebs !== undefined && mapping.DeviceName !== rootDeviceName);
  if (extra === undefined) return;
  throw new AwsError(
    'UnsupportedOperation',
    `The sandbox attaches the root volume (${rootDeviceName}) only, not ${extra.DeviceName ?? 'a device without a name'}`,
  );
}
