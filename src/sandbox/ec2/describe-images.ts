import { DescribeImages$, type DescribeImagesRequest, type DescribeImagesResult } from '@aws-sdk/client-ec2';
import { done } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import type { ImageRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { isAllowed } from './allowed-images.js';
import { isDeregistered } from './deregistered-images.js';
import { applyFilters, type FilterFields } from './filters.js';
import { viewImage } from './image-view.js';
import { answerWaiter } from './long-poll.js';
import { LISTED } from './members.js';
import { findAliasedAccounts, listOwnerAliases } from './owner-aliases.js';
import { assertNotBothIdsAndPageSize, cutPage } from './pages.js';
import { getImage } from './requests.js';
import { isUsableImage } from './visibility.js';

export const describeImageOperations = [
  defineOperation(
    DescribeImages$,
    (input: DescribeImagesRequest, context: RequestContext) =>
      answerWaiter(context, () => describeImages(input, context), {
        isMoving: ({ Images = [] }) => Images.some(({ State }) => State === 'pending'),
      }),
    {
      ...LISTED,
      ExecutableUsers: done,
      ImageIds: done,
      Owners: done,
      IncludeDeprecated: done,
      IncludeDisabled: done,
    },
  ),
];

const FIELDS: FilterFields<ImageRecord> = {
  name: ({ name }) => [name],
  description: ({ description }) => [description],
  architecture: ({ architecture }) => [architecture],
  'image-id': ({ id }) => [id],
  'image-type': () => ['machine'],
  'is-public': ({ isPublic }) => [String(isPublic)],
  'owner-id': ({ ownerId }) => [ownerId],
  'owner-alias': ({ ownerId }) => listOwnerAliases(ownerId),
  state: ({ state }) => [state],
  'virtualization-type': () => ['hvm'],
  'root-device-type': () => ['ebs'],
  'root-device-name': ({ rootDeviceName }) => [rootDeviceName],
  'creation-date': ({ createdAt }) => [createdAt],
  hypervisor: () => ['xen'],
  'ena-support': ({ hasEna }) => [String(hasEna ?? true)],
  'sriov-net-support': () => ['simple'],
  'block-device-mapping.snapshot-id': ({ snapshotId }) => [snapshotId],
  'block-device-mapping.volume-type': ({ volumeType }) => [volumeType],
  'block-device-mapping.volume-size': ({ volumeSizeGib }) => [String(volumeSizeGib)],
  'block-device-mapping.device-name': ({ rootDeviceName }) => [rootDeviceName],
  'source-instance-id': ({ sourceInstanceId }) => [sourceInstanceId],
  'source-image-id': ({ sourceImage }) => [sourceImage?.id],
  'source-image-region': ({ sourceImage }) => [sourceImage?.region],
};

function describeImages(input: DescribeImagesRequest, context: RequestContext): DescribeImagesResult {
  assertNotBothIdsAndPageSize(input.ImageIds, input);
  const chosen =
    input.ImageIds === undefined
      ? context.world.images.list().filter((image) => image.region === context.region && isUsableImage(context, image))
      : input.ImageIds.filter((id) => !isDeregistered(context, id)).map((id) => getImage(context, id));
  const owners = input.Owners?.flatMap((owner) => resolveOwner(owner, context));
  const visible = chosen.filter(
    (image) =>
      (owners?.includes(image.ownerId) ?? true) &&
      isAllowed(context, image) &&
      isExecutable(image, input.ExecutableUsers, context) &&
      isShown(image, input, context),
  );
  const page = cutPage(applyFilters(visible, input.Filters, FIELDS), input);
  return { NextToken: page.NextToken, Images: page.items.map((image) => viewImage(context, image)) };
}

function resolveOwner(owner: string, { accountId }: RequestContext): readonly string[] {
  if (owner === 'self') return [accountId];
  const aliased = findAliasedAccounts(owner);
  if (aliased !== undefined) return aliased;
  if (/^\d{12}$/.test(owner)) return [owner];
  throw new AwsError('InvalidUserID.Malformed', `Invalid user id: "${owner}"`);
}

function isExecutable(
  image: ImageRecord,
  users: readonly string[] | undefined,
  { accountId, memberOf }: RequestContext,
): boolean {
  if (users === undefined) return true;
  return users.some((user) => {
    if (user === 'all') return image.isPublic;
    if (user !== 'self') return image.sharedAccounts.includes(user);
    return image.sharedAccounts.includes(accountId) || (image.sharedArns ?? []).some((arn) => memberOf.includes(arn));
  });
}

/** Disabled images, and deprecated ones of somebody else's, are left out unless they are asked for. */
function isShown(image: ImageRecord, input: DescribeImagesRequest, { accountId, clock }: RequestContext): boolean {
  if (image.state === 'disabled' && input.IncludeDisabled !== true) return false;
  const isDeprecated = image.deprecatedAt !== undefined && Date.parse(image.deprecatedAt) < clock.now().getTime();
  return (
    !isDeprecated || input.IncludeDeprecated === true || input.ImageIds !== undefined || image.ownerId === accountId
  );
}
