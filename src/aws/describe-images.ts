import { DescribeImagesCommand, type EC2Client, type Filter, type Image } from '@aws-sdk/client-ec2';
import type { MachineImage } from './ports.js';
import { toTagRecord } from './tags.js';
import { callAws } from './translate-error.js';

interface DescribeImagesQuery {
  readonly ImageIds?: string[];
  readonly Owners?: string[];
  readonly Filters?: Filter[];
}

/** Every page of a DescribeImages. */
export async function describeImages(ec2: EC2Client, query: DescribeImagesQuery): Promise<readonly MachineImage[]> {
  const images: MachineImage[] = [];
  let next: string | undefined;
  do {
    const page = await callAwsRaw(ec2, query, next);
    images.push(...(page.Images ?? []).map(toMachineImage));
    next = page.NextToken === '' ? undefined : page.NextToken;
  } while (next !== undefined);
  return images;
}

function callAwsRaw(ec2: EC2Client, query: DescribeImagesQuery, next: string | undefined) {
  return callAws('ec2:DescribeImages', () =>
    ec2.send(new DescribeImagesCommand({ ...query, ...(next === undefined ? {} : { NextToken: next }) })),
  );
}

function toMachineImage(image: Image): MachineImage {
  const snapshotIds = (image.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []);
  return {
    id: image.ImageId ?? '',
    name: image.Name ?? '',
    ownerId: image.OwnerId ?? '',
    state: image.State ?? '',
    architecture: image.Architecture ?? '',
    rootDeviceName: image.RootDeviceName ?? '',
    creationDate: image.CreationDate ?? '',
    snapshotIds: snapshotIds.filter((id) => id !== ''),
    tags: toTagRecord(image.Tags),
    ...(image.ImageOwnerAlias === undefined ? {} : { ownerAlias: image.ImageOwnerAlias }),
    isEncrypted: (image.BlockDeviceMappings ?? []).some(({ Ebs }) => Ebs?.Encrypted === true),
    ...(image.StateReason?.Message === undefined ? {} : { stateReason: image.StateReason.Message }),
    ...(image.DeprecationTime === undefined ? {} : { deprecatedAt: image.DeprecationTime }),
    ...(isProtected(image) ? { protection: image.DeregistrationProtection } : {}),
    ...(image.SourceInstanceId === undefined ? {} : { sourceInstanceId: image.SourceInstanceId }),
  };
}

function isProtected(image: Image): image is Image & { readonly DeregistrationProtection: string } {
  return image.DeregistrationProtection !== undefined && image.DeregistrationProtection !== 'disabled';
}
