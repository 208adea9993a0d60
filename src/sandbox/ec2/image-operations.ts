import {
  DeregisterImage$,
  type DeregisterImageRequest,
  type DeregisterImageResult,
  DescribeImageAttribute$,
  type DescribeImageAttributeRequest,
  DisableImageDeprecation$,
  type DisableImageDeprecationRequest,
  type DisableImageDeprecationResult,
  DisableImageDeregistrationProtection$,
  type DisableImageDeregistrationProtectionRequest,
  type DisableImageDeregistrationProtectionResult,
  EnableImageDeprecation$,
  type EnableImageDeprecationRequest,
  type EnableImageDeprecationResult,
  EnableImageDeregistrationProtection$,
  type EnableImageDeregistrationProtectionRequest,
  type EnableImageDeregistrationProtectionResult,
  type ImageAttribute,
  ModifyImageAttribute$,
  type ModifyImageAttributeRequest,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import { readAccountSettings } from '../world/account-settings.js';
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
  defineOperation(EnableImageDeregistrationProtection$, enableDeregistrationProtection),
  defineOperation(DisableImageDeregistrationProtection$, disableDeregistrationProtection),
];

/** Deregistering a pending image cancels it: its snapshot goes too, and its job removes the file that it is writing. */
async function deregisterImage(input: DeregisterImageRequest, context: RequestContext): Promise<DeregisterImageResult> {
  const image = getOwnImage(context, input.ImageId);
  if (image.deregistrationProtection !== undefined) {
    throw new AwsError('OperationNotPermitted', `The AMI ${image.id} is protected from deregistration.`);
  }
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
  const isPublished = changes.add.some(({ Group }) => Group === 'all');
  if (isPublished && readAccountSettings(context).imageBlockPublicAccess !== 'unblocked') {
    throw new AwsError(
      'OperationNotPermitted',
      'You can’t publicly share this image because block public access for AMIs is enabled for this account.',
    );
  }
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
  if (input.Attribute === 'productCodes') return { ImageId: image.id, ProductCodes: [] };
  if (input.Attribute === 'deregistrationProtection') {
    const Value = image.deregistrationProtection ?? 'disabled';
    return { ImageId: image.id, DeregistrationProtection: { Value } };
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

function enableDeregistrationProtection(
  input: EnableImageDeregistrationProtectionRequest,
  context: RequestContext,
): EnableImageDeregistrationProtectionResult {
  const image = getOwnImage(context, input.ImageId);
  assertNotDryRun(input.DryRun);
  const protection = input.WithCooldown === true ? 'enabled-with-cooldown' : 'enabled-without-cooldown';
  context.world.images.update(image.id, { deregistrationProtection: protection });
  return { Return: protection };
}

/** The cooldown of a day that AWS waits for is not waited for here. */
function disableDeregistrationProtection(
  input: DisableImageDeregistrationProtectionRequest,
  context: RequestContext,
): DisableImageDeregistrationProtectionResult {
  const image = getOwnImage(context, input.ImageId);
  assertNotDryRun(input.DryRun);
  context.world.images.update(image.id, { deregistrationProtection: undefined });
  return { Return: 'disabled' };
}
