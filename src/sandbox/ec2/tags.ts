import type { ResourceType, Tag, TagSpecification } from '@aws-sdk/client-ec2';
import { AwsError } from '../wire/aws-error.js';
import type { Tags } from '../world/records.js';

const MAX_TAGS = 50;
const MAX_KEY_LENGTH = 128;
const MAX_VALUE_LENGTH = 256;

/** The tags that a request gives to one kind of resource at its creation; which kinds it may name, its table of members says. */
export function readTagSpecifications(
  specifications: readonly TagSpecification[] | undefined,
  type: ResourceType,
): Tags {
  if (specifications?.some(({ ResourceType: given }) => given === undefined) === true) {
    throw new AwsError('InvalidParameterValue', "'' is not a valid taggable resource type for this operation.");
  }
  const matching = (specifications ?? []).filter((specification) => specification.ResourceType === type);
  return readTags(matching.flatMap((specification) => specification.Tags ?? []));
}

/** Checks tags as EC2 does: keys of 1–128 characters that do not begin with `aws:`, values up to 256, at most 50. */
export function readTags(tags: readonly Tag[]): Tags {
  for (const { Key: key = '', Value: value = '' } of tags) {
    if (key === '' || key.length > MAX_KEY_LENGTH)
      throw refuse(`Tag key '${key.slice(0, 40)}' must have 1 to 128 characters`);
    if (value.length > MAX_VALUE_LENGTH)
      throw refuse(`Tag value of '${key}' exceeds the maximum length of 256 characters`);
    if (key.toLowerCase().startsWith('aws:'))
      throw refuse(`Tag keys starting with 'aws:' are reserved for internal use`);
  }
  const keys = new Set(tags.map((tag) => tag.Key));
  if (keys.size !== tags.length) throw refuse('Duplicate tag key specified');
  assertTagCount(tags.length);
  return Object.fromEntries(tags.map(({ Key: key = '', Value: value = '' }) => [key, value]));
}

export function assertTagCount(count: number): void {
  if (count > MAX_TAGS)
    throw new AwsError('TagLimitExceeded', 'The maximum number of Tags for a resource has been reached.');
}

/** Tags as the replies have them; EC2 leaves the set out of the reply when it is empty. */
export function viewTags(tags: Tags): Tag[] {
  return Object.entries(tags).map(([key, value]) => ({ Key: key, Value: value }));
}

function refuse(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}
