import {
  DescribeImageAttributeCommand,
  type EC2Client,
  type Filter,
  type Image,
  paginateDescribeImages,
  paginateDescribeSnapshots,
  paginateDescribeTags,
} from '@aws-sdk/client-ec2';
import type { SSMClient } from '@aws-sdk/client-ssm';
import {
  IMAGE_TAG,
  type ImageLibrary,
  type OwnImage,
  type OwnSnapshot,
  type OwnSnapshotQuery,
} from './catalogue-ports.js';
import type { clientSettings } from './client-settings.js';
import { collectPages } from './collect-pages.js';
import { toImageBasics } from './describe-images.js';
import { listSharing } from './image-inspector.js';
import { listInstanceUses, listLaunchTemplateUses, listParameterUses } from './image-uses.js';
import { isNamedByTags } from './own-images.js';
import { toTagRecord } from './tags.js';
import { callAws } from './translate-error.js';

export interface LibraryClients {
  readonly ec2: EC2Client;
  readonly ssm: SSMClient;
  /** For Elastic Beanstalk, whose client is loaded when it is asked. */
  readonly settings: ReturnType<typeof clientSettings>;
}

/** The catalogue over the SDK. */
export function createImageLibrary({ ec2, ssm, settings }: LibraryClients): ImageLibrary {
  return {
    async listImages() {
      const tagged = await listImages(ec2, [{ Name: 'tag-key', Values: [IMAGE_TAG] }]);
      return tagged.filter(isNamedByTags);
    },
    listGrantees: (imageId) => callAws('ec2:DescribeImageAttribute', () => listSharing(ec2, imageId)),
    findLastLaunch: (imageId) => findLastLaunch(ec2, imageId),
    async listUses(kind, { imageIds, parameters }) {
      if (kind === 'instance') return await listInstanceUses(ec2, imageIds);
      if (kind === 'launch-template') return await listLaunchTemplateUses(ec2);
      if (kind === 'parameter') return await listParameterUses(ssm, parameters);
      const beanstalk = await import('./beanstalk-uses.js');
      return kind === 'environment'
        ? await beanstalk.listEnvironmentUses(settings)
        : await beanstalk.listPlatformUses(settings);
    },
    listSnapshots: (query) => listSnapshots(ec2, query),
    async listTagged(tagKey) {
      const pages = paginateDescribeTags(
        { client: ec2, pageSize: PAGE_SIZE },
        { Filters: [{ Name: 'key', Values: [tagKey] }] },
      );
      const tags = await collectPages('ec2:DescribeTags', pages, ({ Tags }) => Tags);
      return tags.map(({ ResourceId = '', Value = '' }) => ({ id: ResourceId, value: Value }));
    },
    async listImagesOfSnapshot(snapshotId) {
      const images = await listImages(ec2, [{ Name: 'block-device-mapping.snapshot-id', Values: [snapshotId] }]);
      return images.map(({ id }) => id);
    },
  };
}

// Without a page size EC2 gives everything at once, and gives up on large accounts.
const PAGE_SIZE = 200;

async function listImages(ec2: EC2Client, Filters: Filter[]): Promise<readonly OwnImage[]> {
  const query = { Owners: ['self'], Filters, IncludeDeprecated: true, IncludeDisabled: true };
  const pages = paginateDescribeImages({ client: ec2, pageSize: PAGE_SIZE }, query);
  const images = await collectPages('ec2:DescribeImages', pages, ({ Images }) => Images);
  return images.map(toOwnImage);
}

function toOwnImage(image: Image): OwnImage {
  return {
    ...toImageBasics(image),
    createdAt: image.CreationDate ?? '',
    isPublic: image.Public === true,
    // `disabled` when there is none; undefined in regions that do not know it yet.
    isProtected: image.DeregistrationProtection?.startsWith('enabled') ?? false,
    ...(image.SourceImageId === undefined ? {} : { sourceImageId: image.SourceImageId }),
  };
}

async function findLastLaunch(ec2: EC2Client, imageId: string): Promise<string | undefined> {
  const { LastLaunchedTime } = await callAws('ec2:DescribeImageAttribute', () =>
    ec2.send(new DescribeImageAttributeCommand({ ImageId: imageId, Attribute: 'lastLaunchedTime' })),
  );
  return LastLaunchedTime?.Value;
}

async function listSnapshots(ec2: EC2Client, query: OwnSnapshotQuery): Promise<readonly OwnSnapshot[]> {
  if ('ids' in query && query.ids.length === 0) return [];
  const filter =
    'ids' in query ? { Name: 'snapshot-id', Values: [...query.ids] } : { Name: 'tag-key', Values: [query.tagKey] };
  const pages = paginateDescribeSnapshots(
    { client: ec2, pageSize: PAGE_SIZE },
    { OwnerIds: ['self'], Filters: [filter] },
  );
  const snapshots = await collectPages('ec2:DescribeSnapshots', pages, ({ Snapshots }) => Snapshots);
  return snapshots.map(({ SnapshotId = '', VolumeSize = 0, Description = '', Tags }) => {
    return { id: SnapshotId, sizeGib: VolumeSize, description: Description, tags: toTagRecord(Tags) };
  });
}
