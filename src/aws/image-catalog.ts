import { DescribeImagesCommand, type EC2Client, type Filter, type Image } from '@aws-sdk/client-ec2';
import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { ImageCatalog, ImageQuery, MachineImage } from './ports.js';
import { toTagRecord } from './tags.js';
import { callAws, callAwsOrMiss } from './translate-error.js';

export interface CatalogClients extends Pick<ImageCatalog, 'findPlatformBase'> {
  readonly ec2: EC2Client;
  readonly ssm: SSMClient;
}

/** Image lookups over the SDK. */
export function createImageCatalog({ ec2, ssm, findPlatformBase }: CatalogClients): ImageCatalog {
  return {
    async findImageByName(name) {
      const images = await describeImages(ec2, { Owners: ['self'], Filters: [{ Name: 'name', Values: [name] }] });
      // The filter takes wildcards, a name may hold none of them; still, only the very name counts.
      return images.find((image) => image.name === name);
    },
    async findImage(id) {
      const images = await callAwsOrMiss(
        'ec2:DescribeImages',
        ['InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable'],
        () => describeImages(ec2, { ImageIds: [id] }),
      );
      return images?.[0];
    },
    async findNewestImage(query) {
      const images = await describeImages(ec2, { Owners: [...query.owners], Filters: toFilters(query) });
      return images.toSorted((one, other) => other.creationDate.localeCompare(one.creationDate))[0];
    },
    async findImageParameter(parameter) {
      const answer = await callAwsOrMiss('ssm:GetParameter', ['ParameterNotFound', 'ParameterVersionNotFound'], () =>
        ssm.send(new GetParameterCommand({ Name: parameter })),
      );
      return answer?.Parameter?.Value;
    },
    findPlatformBase,
  };
}

function toFilters({ filters }: ImageQuery): Filter[] {
  const asked = Object.entries(filters).map(([Name, value]) => ({ Name, Values: value.split(',') }));
  return filters['state'] === undefined ? [...asked, { Name: 'state', Values: ['available'] }] : asked;
}

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
