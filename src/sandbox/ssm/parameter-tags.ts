import {
  AddTagsToResource$,
  type AddTagsToResourceRequest,
  type AddTagsToResourceResult,
  ListTagsForResource$,
  type ListTagsForResourceRequest,
  type ListTagsForResourceResult,
  RemoveTagsFromResource$,
  type RemoveTagsFromResourceRequest,
  type RemoveTagsFromResourceResult,
  type Tag,
} from '@aws-sdk/client-ssm';
import { assertTagCount, readTags, viewTags } from '../ec2/tags.js';
import { checked, done } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import type { ParameterRecord, Tags } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { parseParameterReference } from './parameter-names.js';
import { findOwnParameter } from './parameter-store.js';

export const parameterTagOperations = [
  defineOperation(AddTagsToResource$, addTags, {
    ResourceType: checked,
    ResourceId: done,
    Tags: { Key: done, Value: done },
  }),
  defineOperation(ListTagsForResource$, listTags, { ResourceType: checked, ResourceId: done }),
  defineOperation(RemoveTagsFromResource$, removeTags, { ResourceType: checked, ResourceId: done, TagKeys: done }),
];

/** Tags of a new parameter; the rules are EC2's, the codes Systems Manager's. */
export function readParameterTags(tags: readonly Tag[]): Tags {
  return renameErrors(() => readTags(tags));
}

function addTags(input: AddTagsToResourceRequest, context: RequestContext): AddTagsToResourceResult {
  const parameter = getParameter(input, context);
  const tags = { ...parameter.tags, ...readParameterTags(input.Tags ?? []) };
  renameErrors(() => assertTagCount(Object.keys(tags).length));
  context.world.parameters.update(parameter.id, { tags });
  return {};
}

function listTags(input: ListTagsForResourceRequest, context: RequestContext): ListTagsForResourceResult {
  return { TagList: viewTags(getParameter(input, context).tags ?? {}).map(({ Key, Value }) => ({ Key, Value })) };
}

function removeTags(input: RemoveTagsFromResourceRequest, context: RequestContext): RemoveTagsFromResourceResult {
  const parameter = getParameter(input, context);
  const kept = Object.entries(parameter.tags ?? {}).filter(([key]) => input.TagKeys?.includes(key) !== true);
  context.world.parameters.update(parameter.id, { tags: Object.fromEntries(kept) });
  return {};
}

function getParameter(
  { ResourceType, ResourceId }: ListTagsForResourceRequest,
  context: RequestContext,
): ParameterRecord {
  if (ResourceType !== 'Parameter') {
    throw new AwsError('InvalidResourceType', `The sandbox tags resources of the type Parameter, not ${ResourceType}`);
  }
  const parameter = findOwnParameter(context, parseParameterReference(ResourceId ?? '').name);
  if (parameter !== undefined) return parameter;
  throw new AwsError('InvalidResourceId', `The resource ID ${ResourceId} is not valid.`);
}

function renameErrors<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const code = error.code === 'TagLimitExceeded' ? 'TooManyTagsError' : 'ValidationException';
    throw new AwsError(code, error.message);
  }
}
