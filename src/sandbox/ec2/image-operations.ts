import {
  DeregisterImage$,
  type DeregisterImageRequest,
  type DeregisterImageResult,
  DescribeImageAttribute$,
  type DescribeImageAttributeRequest,
  DisableImageDeprecation$,
  type DisableImageDeprecationRequest,
  type DisableImageDeprecationResult,
  EnableImageDeprecation$,
  type EnableImageDeprecationRequest,
  type EnableImageDeprecationResult,
  type ImageAttribute,
  ModifyImageAttribute$,
  type ModifyImageAttributeRequest,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import { removeUnusedFile } from '../world/disk-files.js';
import type { RequestContext } from '../world/services.js';
import { applyPermissions, readPermissionChanges } from './permissions.js';
import { assertNotDryRun, getImage, getOwnImage } from './requests.js';

export const imageOperations = [
  defineOperation(DeregisterImage$, deregisterImage),
  defineOperation(ModifyImageAttribute$, modifyImageAttribute),
  defineOperation(DescribeImageAttribute$, describeImageAttribute),
  defineOperation(EnableImageDeprecation$, enableImageDeprecation),
  defineOperation(DisableImageDeprecation$, disableImageDeprecation),
];

/** Deregistering a pending image cancels it: its snapshot goes too, and its job removes the file that it is writing. */
async function deregisterImage(input: DeregisterImageRequest, context: RequestContext): Promise<DeregisterImageResult> {
  const image = getOwnImage(context, input.ImageId);
  assertNotDryRun(input.DryRun);
  context.world.images.remove(image.id);
  const snapshot = context.world.snapshots.find(image.snapshotId);
  const isUsed = context.world.images.list().some((other) => other.snapshotId === image.snapshotId);
  const isDeleted =
    snapshot !== undefined && !isUsed && (image.state === 'pending' || input.DeleteAssociatedSnapshots === true);
  if (isDeleted && image.state !== 'pending') {
    context.world.snapshots.remove(snapshot.id);
    await removeUnusedFile(context, snapshot.file);
  }
  return {
    Return: true,
    ...(isDeleted ? { DeleteSnapshotResults: [{ SnapshotId: snapshot.id, ReturnCode: 'success' }] } : {}),
  };
}

function modifyImageAttribute(input: ModifyImageAttributeRequest, context: RequestContext): void {
  const image = getOwnImage(context, input.ImageId);
  if ((input.ProductCodes ?? []).length > 0) {
    throw new AwsError('UnsupportedOperation', 'The sandbox has no product codes');
  }
  const changes = readPermissionChanges({
    add: input.LaunchPermission?.Add,
    remove: input.LaunchPermission?.Remove,
    operation: input.OperationType,
    users: input.UserIds,
    groups: input.UserGroups,
  });
  const description = input.Description?.Value ?? (input.Attribute === 'description' ? input.Value : undefined);
  assertNotDryRun(input.DryRun);
  context.world.images.update(image.id, {
    ...applyPermissions(image, changes),
    description: description ?? image.description,
    imdsSupport: input.ImdsSupport?.Value ?? (input.Attribute === 'imdsSupport' ? input.Value : image.imdsSupport),
  });
}

function describeImageAttribute(input: DescribeImageAttributeRequest, context: RequestContext): ImageAttribute {
  const image = getImage(context, input.ImageId);
  if (input.Attribute === 'description') return { ImageId: image.id, Description: { Value: image.description } };
  if (input.Attribute === 'launchPermission') {
    const { id } = getOwnImage(context, input.ImageId);
    const users = image.sharedAccounts.map((account) => ({ UserId: account }));
    return { ImageId: id, LaunchPermissions: [...(image.isPublic ? [{ Group: 'all' as const }] : []), ...users] };
  }
  if (input.Attribute === 'imdsSupport') return { ImageId: image.id, ImdsSupport: { Value: image.imdsSupport } };
  if (input.Attribute === 'bootMode') return { ImageId: image.id, BootMode: { Value: image.bootMode } };
  throw new AwsError('InvalidParameterValue', `Value (${input.Attribute}) for parameter attribute is invalid.`);
}

function enableImageDeprecation(
  input: EnableImageDeprecationRequest,
  context: RequestContext,
): EnableImageDeprecationResult {
  const image = getOwnImage(context, input.ImageId);
  const at = input.DeprecateAt;
  if (at === undefined || at.getTime() <= context.clock.now().getTime()) {
    throw new AwsError('InvalidParameterValue', 'The deprecation date must be in the future');
  }
  assertNotDryRun(input.DryRun);
  context.world.images.update(image.id, { deprecatedAt: at.toISOString() });
  return { Return: true };
}

function disableImageDeprecation(
  input: DisableImageDeprecationRequest,
  context: RequestContext,
): DisableImageDeprecationResult {
  const image = getOwnImage(context, input.ImageId);
  assertNotDryRun(input.DryRun);
  context.world.images.update(image.id, { deprecatedAt: undefined });
  return { Return: true };
}
