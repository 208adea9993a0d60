import { type EC2Client, RegisterImageCommand, type RegisterImageCommandInput } from '@aws-sdk/client-ec2';
import type { ImageRegistration } from './registration-ports.js';
import { toTags } from './tags.js';
import { callAws } from './translate-error.js';

/** Registers an image over a snapshot; gives its id. */
export async function registerImage(ec2: EC2Client, registration: ImageRegistration): Promise<string> {
  const { ImageId = '' } = await callAws('ec2:RegisterImage', () =>
    ec2.send(new RegisterImageCommand(toRegisterImage(registration))),
  );
  return ImageId;
}

function toRegisterImage(registration: ImageRegistration): RegisterImageCommandInput {
  const { rootDeviceName, snapshotId, volumeSizeGib, hasTpm } = registration;
  return {
    Name: registration.name,
    Description: registration.description,
    Architecture: registration.architecture as NonNullable<RegisterImageCommandInput['Architecture']>,
    // The API's default is paravirtual, which no instance type of today runs.
    VirtualizationType: 'hvm',
    EnaSupport: true,
    ImdsSupport: 'v2.0',
    BootMode: registration.bootMode as NonNullable<RegisterImageCommandInput['BootMode']>,
    ...(hasTpm ? { TpmSupport: 'v2.0' as const } : {}),
    RootDeviceName: rootDeviceName,
    BlockDeviceMappings: [
      {
        DeviceName: rootDeviceName,
        Ebs: { SnapshotId: snapshotId, VolumeSize: volumeSizeGib, VolumeType: 'gp3', DeleteOnTermination: true },
      },
    ],
    TagSpecifications: [{ ResourceType: 'image', Tags: toTags(registration.tags) }],
  };
}
