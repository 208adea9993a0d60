import {
  type BlockDeviceMapping,
  DescribeImageAttributeCommand,
  DescribeImagesCommand,
  DescribeSnapshotAttributeCommand,
  type EC2Client,
  type Image,
  type LaunchPermission,
} from '@aws-sdk/client-ec2';
import type { FactName, ImageDevice, ImageMetadata, UnknownFact } from '../scan/image-metadata.js';
import { gatherAccountSettings, gatherSource } from './image-surroundings.js';
import type { ImageInspector } from './ports.js';
import { toTagRecord } from './tags.js';
import { callAws, callAwsOrMiss } from './translate-error.js';

/** Gathers an image's metadata over the SDK. */
export function createImageInspector({ ec2, region }: InspectorAccess): ImageInspector {
  return { describeImage: (imageId) => inspectImage({ ec2, region }, imageId) };
}

export interface InspectorAccess {
  readonly ec2: EC2Client;
  readonly region: string;
}

/** Asks for a fact that the caller may be forbidden to know; a refusal is noted, and the fact undefined. */
export type AskFact = <T>(fact: FactName, action: string, call: () => Promise<T>) => Promise<T | undefined>;

const OWNER_ONLY: readonly UnknownFact[] = (['launch-permissions', 'snapshot-permissions'] as const).map((fact) => ({
  fact,
  reason: 'The AMI is somebody else’s, and only its owner may ask whom it is shared with',
}));

async function inspectImage(access: InspectorAccess, imageId: string): Promise<ImageMetadata | undefined> {
  const { ec2, region } = access;
  const image = await findImage(ec2, { ImageIds: [imageId] });
  if (image === undefined) return undefined;
  const isOwn = (await findImage(ec2, { ImageIds: [imageId], Owners: ['self'] })) !== undefined;
  const unknown: UnknownFact[] = isOwn ? [] : [...OWNER_ONLY];
  const ask = createAsker(unknown);
  const sharedWith = isOwn
    ? await ask('launch-permissions', 'ec2:DescribeImageAttribute', () => listSharing(ec2, imageId))
    : undefined;
  const devices: ImageDevice[] = [];
  for (const mapping of image.BlockDeviceMappings ?? []) {
    const device = toDevice(mapping);
    const { snapshotId } = device;
    const isAsked = isOwn && snapshotId !== undefined;
    const snapshotSharedWith = isAsked
      ? await ask('snapshot-permissions', 'ec2:DescribeSnapshotAttribute', () => listGrantees(ec2, snapshotId))
      : undefined;
    devices.push({ ...device, snapshotSharedWith });
  }
  return {
    ...describeItself(image),
    id: imageId,
    region,
    isOwn,
    sharedWith,
    devices,
    source: await gatherSource(access, image, { ask, unknown }),
    account: await gatherAccountSettings(ec2, ask),
    unknown,
  };
}

async function findImage(
  ec2: EC2Client,
  query: { readonly ImageIds: string[]; readonly Owners?: string[] },
): Promise<Image | undefined> {
  const misses = ['InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable', 'InvalidAMIID.Malformed'];
  const answer = await callAwsOrMiss('ec2:DescribeImages', misses, () => ec2.send(new DescribeImagesCommand(query)));
  return answer?.Images?.[0];
}

function createAsker(unknown: UnknownFact[]): AskFact {
  return async (fact, action, call) => {
    try {
      return await callAws(action, call);
    } catch (error) {
      const { code, message } = error as { readonly code?: string; readonly message: string };
      // Without a network or credentials nothing could be known, and the first call of all would have failed.
      if (code !== 'AWS_NOT_AUTHORIZED' && code !== 'AWS_REQUEST_FAILED' && code !== 'AWS_AUTH_FAILURE') throw error;
      unknown.push({ fact, reason: message });
      return undefined;
    }
  };
}

function describeItself(image: Image) {
  return {
    name: image.Name ?? '',
    description: image.Description,
    ownerId: image.OwnerId ?? '',
    state: image.State ?? '',
    createdAt: image.CreationDate ?? '',
    deprecatedAt: image.DeprecationTime,
    deregistrationProtection: image.DeregistrationProtection,
    architecture: image.Architecture ?? '',
    virtualization: image.VirtualizationType ?? '',
    rootDeviceType: image.RootDeviceType ?? '',
    rootDeviceName: image.RootDeviceName ?? '',
    hasEna: image.EnaSupport === true,
    imdsSupport: image.ImdsSupport,
    bootMode: image.BootMode,
    tpmSupport: image.TpmSupport,
    isPublic: image.Public === true,
    productCodes: (image.ProductCodes ?? []).flatMap(({ ProductCodeId }) => ProductCodeId ?? []),
    tags: toTagRecord(image.Tags),
  };
}

/** Accounts, organisations and units; the group `all` is what `isPublic` says. */
async function listSharing(ec2: EC2Client, imageId: string): Promise<readonly string[]> {
  const answer = await ec2.send(new DescribeImageAttributeCommand({ ImageId: imageId, Attribute: 'launchPermission' }));
  return (answer.LaunchPermissions ?? []).flatMap(nameGrantee);
}

function nameGrantee({ UserId, OrganizationArn, OrganizationalUnitArn }: LaunchPermission): readonly string[] {
  return [UserId, OrganizationArn, OrganizationalUnitArn].filter((name) => name !== undefined);
}

function toDevice({ DeviceName, VirtualName, Ebs }: BlockDeviceMapping): Omit<ImageDevice, 'snapshotSharedWith'> {
  return {
    name: DeviceName ?? '',
    snapshotId: Ebs?.SnapshotId === '' ? undefined : Ebs?.SnapshotId,
    sizeGib: Ebs?.VolumeSize,
    volumeType: Ebs?.VolumeType,
    isEncrypted: Ebs?.Encrypted === true,
    deleteOnTermination: Ebs?.DeleteOnTermination === true,
    isEphemeral: VirtualName !== undefined,
  };
}

async function listGrantees(ec2: EC2Client, snapshotId: string): Promise<readonly string[]> {
  const answer = await ec2.send(
    new DescribeSnapshotAttributeCommand({ SnapshotId: snapshotId, Attribute: 'createVolumePermission' }),
  );
  return (answer.CreateVolumePermissions ?? []).flatMap(({ Group, UserId }) => Group ?? UserId ?? []);
}
