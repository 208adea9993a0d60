import {
  CreateTags$,
  type CreateTagsRequest,
  DeleteTags$,
  type DeleteTagsRequest,
  DescribeTags$,
  type DescribeTagsRequest,
  type DescribeTagsResult,
  type ResourceType,
} from '@aws-sdk/client-ec2';
import { done } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import type { Tags } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import type { Table } from '../world/table.js';
import { applyFilters } from './filters.js';
import { LISTED } from './members.js';
import { cutPage } from './pages.js';
import { assertNotDryRun } from './requests.js';
import { assertTagCount, readTags } from './tags.js';

export const tagOperations = [
  defineOperation(CreateTags$, createTags, { Resources: done, Tags: { Key: done, Value: done } }),
  defineOperation(DeleteTags$, deleteTags, { Resources: done, Tags: { Key: done, Value: done } }),
  defineOperation(DescribeTags$, describeTags, LISTED),
];

interface Taggable {
  readonly id: string;
  readonly region: string;
  readonly tags: Tags;
  /** Of what can be seen by other accounts. */
  readonly ownerId?: string;
}

interface Kind {
  readonly prefix: string;
  readonly type: ResourceType;
  readonly notFound: string;
  table(context: RequestContext): Pick<Table<Taggable>, 'find' | 'list' | 'update'>;
}

const KINDS: readonly Kind[] = [
  { prefix: 'ami', type: 'image', notFound: 'InvalidAMIID.NotFound', table: ({ world }) => world.images },
  { prefix: 'snap', type: 'snapshot', notFound: 'InvalidSnapshot.NotFound', table: ({ world }) => world.snapshots },
  { prefix: 'vol', type: 'volume', notFound: 'InvalidVolume.NotFound', table: ({ world }) => world.volumes },
  { prefix: 'i', type: 'instance', notFound: 'InvalidInstanceID.NotFound', table: ({ world }) => world.instances },
  { prefix: 'key', type: 'key-pair', notFound: 'InvalidKeyPair.NotFound', table: ({ world }) => world.keyPairs },
  {
    prefix: 'sg',
    type: 'security-group',
    notFound: 'InvalidGroup.NotFound',
    table: ({ world }) => world.securityGroups,
  },
  {
    prefix: 'lt',
    type: 'launch-template',
    notFound: 'InvalidLaunchTemplateId.NotFound',
    table: ({ world }) => world.launchTemplates,
  },
];

function createTags({ Resources = [], Tags: given = [], DryRun }: CreateTagsRequest, context: RequestContext): void {
  const tags = readTags(given);
  const resources = Resources.map((id) => getTaggable(id, context));
  for (const { record } of resources) assertTagCount(Object.keys({ ...record.tags, ...tags }).length);
  assertNotDryRun(DryRun);
  for (const { kind, record } of resources) {
    kind.table(context).update(record.id, { tags: { ...record.tags, ...tags } });
  }
}

/** Without tags all are removed; a tag with a value only if the value is that one. */
function deleteTags({ Resources = [], Tags: given, DryRun }: DeleteTagsRequest, context: RequestContext): void {
  const resources = Resources.map((id) => getTaggable(id, context));
  assertNotDryRun(DryRun);
  for (const { kind, record } of resources) {
    const kept = Object.entries(record.tags).filter(
      ([key, value]) =>
        given !== undefined &&
        !given.some((tag) => tag.Key === key && (tag.Value === undefined || tag.Value === value)),
    );
    kind.table(context).update(record.id, { tags: Object.fromEntries(kept) });
  }
}

function describeTags(input: DescribeTagsRequest, context: RequestContext): DescribeTagsResult {
  const all = KINDS.flatMap((kind) =>
    kind
      .table(context)
      .list()
      .filter((record) => record.region === context.region && isOwn(record, context))
      .flatMap(({ id, tags }) =>
        Object.entries(tags).map(([key, value]) => ({ id, type: kind.type, key, value, tags: { [key]: value } })),
      ),
  );
  const matching = applyFilters(all, input.Filters, {
    key: ({ key }) => [key],
    value: ({ value }) => [value],
    'resource-id': ({ id }) => [id],
    'resource-type': ({ type }) => [type],
  });
  const page = cutPage(matching, input);
  return {
    NextToken: page.NextToken,
    Tags: page.items.map(({ id, type, key, value }) => ({
      ResourceId: id,
      ResourceType: type,
      Key: key,
      Value: value,
    })),
  };
}

function isOwn({ ownerId }: Taggable, { accountId }: RequestContext): boolean {
  return (ownerId ?? accountId) === accountId;
}

function getTaggable(id: string, context: RequestContext): { readonly kind: Kind; readonly record: Taggable } {
  const kind = KINDS.find(({ prefix }) => id.startsWith(`${prefix}-`));
  if (kind === undefined) throw new AwsError('InvalidID', `The ID '${id}' is not valid`);
  const record = kind.table(context).find(id);
  if (record === undefined || record.region !== context.region) {
    throw new AwsError(kind.notFound, `The ${kind.type} ID '${id}' does not exist`);
  }
  // EC2 keeps the tags that others give to what is shared with them for themselves.
  if (!isOwn(record, context))
    throw new AwsError('UnsupportedOperation', `The sandbox keeps the tags of ${id}’s owner only`);
  return { kind, record };
}
