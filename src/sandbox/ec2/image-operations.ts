// The life of an image after it was made: deprecated, protected, disabled, deregistered.

import {
  DeregisterImage$,
  type DeregisterImageRequest,
  type DeregisterImageResult,
  DisableImage$,
  DisableImageDeprecation$,
  type DisableImageDeprecationRequest,
  type DisableImageDeprecationResult,
  DisableImageDeregistrationProtection$,
  type DisableImageDeregistrationProtectionRequest,
  type DisableImageDeregistrationProtectionResult,
  type DisableImageRequest,
  type DisableImageResult,
  EnableImage$,
  EnableImageDeprecation$,
  type EnableImageDeprecationRequest,
  type EnableImageDeprecationResult,
  EnableImageDeregistrationProtection$,
  type EnableImageDeregistrationProtectionRequest,
  type EnableImageDeregistrationProtectionResult,
  type EnableImageRequest,
  type EnableImageResult,
} from '@aws-sdk/client-ec2';
import { done } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import { removeUnusedFile } from '../world/disk-files.js';
import type { ImageRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { deregister } from './deregistered-images.js';
import { assertNotDryRun, getOwnImage } from './requests.js';

export const imageOperations = [
  defineOperation(DeregisterImage$, deregisterImage, { ImageId: done, DeleteAssociatedSnapshots: done }),
  defineOperation(EnableImageDeprecation$, enableImageDeprecation, { ImageId: done, DeprecateAt: done }),
  defineOperation(DisableImageDeprecation$, disableImageDeprecation, { ImageId: done }),
  defineOperation(EnableImageDeregistrationProtection$, enableDeregistrationProtection, {
    ImageId: done,
    WithCooldown: done,
  }),
  defineOperation(DisableImageDeregistrationProtection$, disableDeregistrationProtection, { ImageId: done }),
  defineOperation(DisableImage$, disableImage, { ImageId: done }),
  defineOperation(EnableImage$, enableImage, { ImageId: done }),
];

const MINUTE_MS = 60_000;
const COOLDOWN_MS = 24 * 60 * MINUTE_MS;
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deprecate.html
const MAX_DEPRECATION_YEARS = 10;
const MAX_PUBLIC_DEPRECATION_YEARS = 2;

/** Deregistering a pending image cancels it: its snapshot goes too, and its job removes the file that it is writing. */
async function deregisterImage(input: DeregisterImageRequest, context: RequestContext): Promise<DeregisterImageResult> {
  const image = getOwnImage(context, input.ImageId);
  assertNotProtected(image, context);
  assertNotDryRun(input.DryRun);
  deregister(context, image);
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

function assertNotProtected({ id, deregistrationProtection, protectedUntil }: ImageRecord, context: RequestContext) {
  if (deregistrationProtection !== undefined) {
    throw new AwsError('OperationNotPermitted', `The AMI ${id} is protected from deregistration.`);
  }
  if (protectedUntil !== undefined && Date.parse(protectedUntil) > context.clock.now().getTime()) {
    throw new AwsError(
      'OperationNotPermitted',
      `The AMI ${id} is protected from deregistration until its cooldown ends at ${protectedUntil}.`,
    );
  }
}

/** Dates are to the minute, at most ten years away, and for public images at most two years from their creation. */
function enableImageDeprecation(
  input: EnableImageDeprecationRequest,
  context: RequestContext,
): EnableImageDeprecationResult {
  const image = getOwnImage(context, input.ImageId);
  const now = context.clock.now();
  const { DeprecateAt: at } = input;
  if (at === undefined || at.getTime() <= now.getTime()) {
    throw new AwsError('InvalidParameterValue', 'The deprecation date must be in the future');
  }
  if (at > addYears(now, MAX_DEPRECATION_YEARS)) {
    throw new AwsError('InvalidParameterValue', 'The deprecation date must be within ten years from now');
  }
  if (image.isPublic && at > addYears(new Date(image.createdAt), MAX_PUBLIC_DEPRECATION_YEARS)) {
    throw new AwsError('InvalidParameterValue', 'A public AMI is deprecated within two years from its creation');
  }
  assertNotDryRun(input.DryRun);
  const rounded = new Date(Math.round(at.getTime() / MINUTE_MS) * MINUTE_MS);
  context.world.images.update(image.id, { deprecatedAt: rounded.toISOString() });
  return { Return: true };
}

function addYears(date: Date, years: number): Date {
  const later = new Date(date);
  later.setUTCFullYear(later.getUTCFullYear() + years);
  return later;
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
  context.world.images.update(image.id, { deregistrationProtection: protection, protectedUntil: undefined });
  return { Return: protection };
}

/** With a cooldown the image cannot be deregistered for another day. */
function disableDeregistrationProtection(
  input: DisableImageDeregistrationProtectionRequest,
  context: RequestContext,
): DisableImageDeregistrationProtectionResult {
  const image = getOwnImage(context, input.ImageId);
  assertNotDryRun(input.DryRun);
  const hasCooldown = image.deregistrationProtection === 'enabled-with-cooldown';
  const until = new Date(context.clock.now().getTime() + COOLDOWN_MS).toISOString();
  context.world.images.update(image.id, {
    deregistrationProtection: undefined,
    protectedUntil: hasCooldown ? until : image.protectedUntil,
  });
  return { Return: 'disabled' };
}

/** A disabled image cannot be launched, is not listed, and is shared with nobody; enabling it does not share it again. */
function disableImage(input: DisableImageRequest, context: RequestContext): DisableImageResult {
  const image = getOwnImage(context, input.ImageId);
  if (image.state !== 'available' && image.state !== 'disabled') throw wrongState(image);
  assertNotDryRun(input.DryRun);
  context.world.images.update(image.id, { state: 'disabled', isPublic: false, sharedAccounts: [], sharedArns: [] });
  return { Return: true };
}

function enableImage(input: EnableImageRequest, context: RequestContext): EnableImageResult {
  const image = getOwnImage(context, input.ImageId);
  if (image.state !== 'available' && image.state !== 'disabled') throw wrongState(image);
  assertNotDryRun(input.DryRun);
  context.world.images.update(image.id, { state: 'available' });
  return { Return: true };
}

function wrongState({ id, state }: ImageRecord): AwsError {
  return new AwsError('InvalidAMIID.Unavailable', `The image ID '${id}' is not available: it is ${state}`);
}
