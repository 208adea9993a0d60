// Rows that several actions of EC2 share. `DryRun` is a row of every action, see dry-run.ts.
import { type ResourceType, VolumeType } from '@aws-sdk/client-ec2';
import { done, idleOneOf, oneOf, refused, withoutEffect } from '../members/member-rules.js';

export const LISTED = { Filters: done, NextToken: done, MaxResults: done } as const;

export const NO_MANAGED_RESOURCES = withoutEffect('no other service manages anything here');

/** Tags that a request gives to what it creates. */
export function tagsOf<const Type extends ResourceType>(types: readonly Type[], idle: readonly Type[] = []) {
  const why = 'the sandbox does not keep the tags of these';
  return {
    ResourceType: oneOf(types, idle.length === 0 ? undefined : { values: idle, why }),
    Tags: { Key: done, Value: done },
  } as const;
}

const HOST_SPEED = 'a disk is as fast as the disk of the host';

/** Of every volume that a launch or an image describes. */
export const VOLUME = {
  DeleteOnTermination: done,
  VolumeSize: done,
  VolumeType: idleOneOf(Object.values(VolumeType), `recorded and shown; ${HOST_SPEED}`),
  Iops: withoutEffect(HOST_SPEED),
  Throughput: withoutEffect(HOST_SPEED),
} as const;

/** Who makes an image of a snapshot that exists cannot ask for its encryption: what the snapshot is, the image is. */
export const NOT_ENCRYPTED_HERE = refused(
  'InvalidBlockDeviceMapping',
  'The encrypted flag cannot be specified since the device has a snapshot: copy the image to encrypt it',
);

export const BOOT_MODE = 'recorded and shown; a machine boots as its architecture does';
