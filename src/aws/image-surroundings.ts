// What an image's safety hangs on beside the image: where it came from, and what its account allows.

import {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  type EC2Client,
  GetAllowedImagesSettingsCommand,
  GetEbsEncryptionByDefaultCommand,
  GetImageBlockPublicAccessStateCommand,
  GetSnapshotBlockPublicAccessStateCommand,
  type Image,
} from '@aws-sdk/client-ec2';
import type { AccountSettings, SourceFacts, UnknownFact } from '../scan/image-metadata.js';
import type { AskFact, InspectorAccess } from './image-inspector.js';

interface Asking {
  readonly ask: AskFact;
  readonly unknown: UnknownFact[];
}

/** The source image and the instance that was captured, while they are there. */
export async function gatherSource(access: InspectorAccess, image: Image, asking: Asking): Promise<SourceFacts> {
  const source = await findSourceImage(access, image, asking);
  return {
    imageId: image.SourceImageId,
    ownerId: source?.OwnerId,
    ownerAlias: source?.OwnerId === image.OwnerId ? 'self' : source?.ImageOwnerAlias,
    deprecatedAt: source?.DeprecationTime,
    hasProductCodes: source === undefined ? undefined : (source.ProductCodes ?? []).length > 0,
    httpTokens: await findHttpTokens(access.ec2, image, asking),
  };
}

async function findSourceImage(
  { ec2, region }: InspectorAccess,
  { SourceImageId, SourceImageRegion }: Image,
  { ask, unknown }: Asking,
): Promise<Image | undefined> {
  if (SourceImageId === undefined) {
    unknown.push({ fact: 'source-image', reason: 'EC2 names no source image' });
    return undefined;
  }
  if (SourceImageRegion !== undefined && SourceImageRegion !== region) {
    unknown.push({ fact: 'source-image', reason: `Its source image ${SourceImageId} is in ${SourceImageRegion}` });
    return undefined;
  }
  const answer = await ask('source-image', 'ec2:DescribeImages', () =>
    ec2.send(new DescribeImagesCommand({ ImageIds: [SourceImageId] })),
  );
  return answer?.Images?.[0];
}

async function findHttpTokens(
  ec2: EC2Client,
  { SourceInstanceId }: Image,
  { ask, unknown }: Asking,
): Promise<string | undefined> {
  if (SourceInstanceId === undefined) {
    unknown.push({ fact: 'source-instance', reason: 'EC2 names no instance that it was made of' });
    return undefined;
  }
  const answer = await ask('source-instance', 'ec2:DescribeInstances', () =>
    ec2.send(new DescribeInstancesCommand({ InstanceIds: [SourceInstanceId] })),
  );
  return answer?.Reservations?.[0]?.Instances?.[0]?.MetadataOptions?.HttpTokens;
}

/** What the account lets happen in the region. */
export async function gatherAccountSettings(ec2: EC2Client, ask: AskFact): Promise<AccountSettings> {
  const allowed = await ask('allowed-images', 'ec2:GetAllowedImagesSettings', () =>
    ec2.send(new GetAllowedImagesSettingsCommand({})),
  );
  const images = await ask('image-block-public-access', 'ec2:GetImageBlockPublicAccessState', () =>
    ec2.send(new GetImageBlockPublicAccessStateCommand({})),
  );
  const snapshots = await ask('snapshot-block-public-access', 'ec2:GetSnapshotBlockPublicAccessState', () =>
    ec2.send(new GetSnapshotBlockPublicAccessStateCommand({})),
  );
  const encryption = await ask('encryption-by-default', 'ec2:GetEbsEncryptionByDefault', () =>
    ec2.send(new GetEbsEncryptionByDefaultCommand({})),
  );
  return {
    allowedImages: allowed?.State,
    imageBlockPublicAccess: images?.ImageBlockPublicAccessState,
    snapshotBlockPublicAccess: snapshots?.State,
    isEncryptedByDefault: encryption?.EbsEncryptionByDefault,
  };
}
