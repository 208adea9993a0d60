import {
  CopyImageCommand,
  type CreateVolumePermission,
  DescribeImageAttributeCommand,
  DescribeSnapshotAttributeCommand,
  type EC2Client,
  EnableImageDeprecationCommand,
  EnableImageDeregistrationProtectionCommand,
  type LaunchPermission,
  ModifyImageAttributeCommand,
  ModifySnapshotAttributeCommand,
} from '@aws-sdk/client-ec2';
import type { Grantees } from '../config/publish-config.js';
import type { CopyOrder, ImageDistribution } from './distribution-ports.js';
import { toTags } from './tags.js';
import { callAws } from './translate-error.js';

/** Copying and sharing over the SDK. */
export function createImageDistribution(ec2: EC2Client): ImageDistribution {
  return {
    async copyImage(order) {
      const { ImageId = '' } = await callAws('ec2:CopyImage', () => ec2.send(toCopyImage(order)));
      return ImageId;
    },
    async findLaunchPermissions(imageId) {
      const { LaunchPermissions = [] } = await callAws('ec2:DescribeImageAttribute', () =>
        ec2.send(new DescribeImageAttributeCommand({ ImageId: imageId, Attribute: 'launchPermission' })),
      );
      return toGrantees(LaunchPermissions);
    },
    async shareImage(imageId, grantees) {
      const LaunchPermission = { Add: toLaunchPermissions(grantees) };
      await callAws('ec2:ModifyImageAttribute', () =>
        ec2.send(new ModifyImageAttributeCommand({ ImageId: imageId, LaunchPermission })),
      );
    },
    async findVolumePermissions(snapshotId) {
      const { CreateVolumePermissions = [] } = await callAws('ec2:DescribeSnapshotAttribute', () =>
        ec2.send(new DescribeSnapshotAttributeCommand({ SnapshotId: snapshotId, Attribute: 'createVolumePermission' })),
      );
      return toGrantees(CreateVolumePermissions);
    },
    async shareSnapshot(snapshotId, { accounts, isPublic }) {
      const Add = [...accounts.map((UserId) => ({ UserId })), ...(isPublic ? [{ Group: 'all' as const }] : [])];
      await callAws('ec2:ModifySnapshotAttribute', () =>
        ec2.send(new ModifySnapshotAttributeCommand({ SnapshotId: snapshotId, CreateVolumePermission: { Add } })),
      );
    },
    async deprecateImage(imageId, at) {
      await callAws('ec2:EnableImageDeprecation', () =>
        ec2.send(new EnableImageDeprecationCommand({ ImageId: imageId, DeprecateAt: new Date(at) })),
      );
    },
    async protectImage(imageId, { withCooldown }) {
      await callAws('ec2:EnableImageDeregistrationProtection', () =>
        ec2.send(new EnableImageDeregistrationProtectionCommand({ ImageId: imageId, WithCooldown: withCooldown })),
      );
    },
  };
}

function toCopyImage({ clientToken, sourceImageId, sourceRegion, name, description, kmsKeyId, tags }: CopyOrder) {
  return new CopyImageCommand({
    ClientToken: clientToken,
    SourceImageId: sourceImageId,
    SourceRegion: sourceRegion,
    Name: name,
    ...(description === '' ? {} : { Description: description }),
    ...(kmsKeyId === undefined ? {} : { Encrypted: true, KmsKeyId: kmsKeyId }),
    TagSpecifications: (['image', 'snapshot'] as const).map((kind) => ({ ResourceType: kind, Tags: toTags(tags) })),
  });
}

function toGrantees(permissions: readonly (LaunchPermission & CreateVolumePermission)[]): Grantees {
  return {
    accounts: permissions.flatMap(({ UserId }) => UserId ?? []),
    organizations: permissions.flatMap(({ OrganizationArn }) => OrganizationArn ?? []),
    organizationalUnits: permissions.flatMap(({ OrganizationalUnitArn }) => OrganizationalUnitArn ?? []),
    isPublic: permissions.some(({ Group }) => Group === 'all'),
  };
}

function toLaunchPermissions({ accounts, organizations, organizationalUnits, isPublic }: Grantees): LaunchPermission[] {
  return [
    ...accounts.map((UserId) => ({ UserId })),
    ...organizations.map((OrganizationArn) => ({ OrganizationArn })),
    ...organizationalUnits.map((OrganizationalUnitArn) => ({ OrganizationalUnitArn })),
    ...(isPublic ? [{ Group: 'all' as const }] : []),
  ];
}
