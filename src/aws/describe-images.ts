import { type EC2Client, type Filter, type Image, paginateDescribeImages } from '@aws-sdk/client-ec2';
import { collectPages } from './collect-pages.js';
import type { MachineImage } from './ports.js';
import { toTagRecord } from './tags.js';

interface DescribeImagesQuery {
  readonly ImageIds?: string[];
  readonly Owners?: string[];
  readonly Filters?: Filter[];
}

/** Every page of a DescribeImages. */
export async function describeImages(ec2: EC2Client, query: DescribeImagesQuery): Promise<readonly MachineImage[]> {
  const pages = paginateDescribeImages({ client: ec2 }, query);
  const images = await collectPages('ec2:DescribeImages', pages, ({ Images }) => Images);
  return images.map(toMachineImage);
}

function toMachineImage(image: Image): MachineImage {
  return {
    ...toImageBasics(image),
    rootDeviceName: image.RootDeviceName ?? '',
    creationDate: image.CreationDate ?? '',
    ...(image.ImageOwnerAlias === undefined ? {} : { ownerAlias: image.ImageOwnerAlias }),
    isEncrypted: (image.BlockDeviceMappings ?? []).some(({ Ebs }) => Ebs?.Encrypted === true),
    ...(image.StateReason?.Message === undefined ? {} : { stateReason: image.StateReason.Message }),
    ...(isProtected(image) ? { protection: image.DeregistrationProtection } : {}),
    ...(image.SourceInstanceId === undefined ? {} : { sourceInstanceId: image.SourceInstanceId }),
  };
}

/** What everybody who looks at an image wants of it. */
export function toImageBasics(image: Image) {
  const snapshotIds = (image.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []);
  return {
    id: image.ImageId ?? '',
    name: image.Name ?? '',
    ownerId: image.OwnerId ?? '',
    state: image.State ?? '',
    architecture: image.Architecture ?? '',
    snapshotIds: snapshotIds.filter((id) => id !== ''),
    tags: toTagRecord(image.Tags),
    ...(image.DeprecationTime === undefined ? {} : { deprecatedAt: image.DeprecationTime }),
  };
}

function isProtected(image: Image): image is Image & { readonly DeregistrationProtection: string } {
  return image.DeregistrationProtection !== undefined && image.DeregistrationProtection !== 'disabled';
}
