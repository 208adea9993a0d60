import {
  DescribeImageAttribute$,
  type DescribeImageAttributeRequest,
  type ImageAttribute,
  ModifyImageAttribute$,
  type ModifyImageAttributeRequest,
  ResetImageAttribute$,
  type ResetImageAttributeRequest,
} from '@aws-sdk/client-ec2';
import { checked, done, oneOf } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import { readAccountSettings } from '../world/account-settings.js';
import type { ImageRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { hasManagedKey } from './encryption.js';
import {
  applyPermissions,
  type PermissionChanges,
  readPermissionChanges,
  viewAccounts,
  viewOrganizations,
} from './permissions.js';
import { assertNotDryRun, getImage, getOwnImage } from './requests.js';

const PERMISSION = { OrganizationArn: done, OrganizationalUnitArn: done, UserId: done, Group: checked } as const;

export const imageAttributeOperations = [
  defineOperation(ModifyImageAttribute$, modifyImageAttribute, {
    ImageId: done,
    Attribute: oneOf(['description', 'launchPermission', 'imdsSupport']),
    Value: done,
    Description: { Value: done },
    LaunchPermission: { Add: PERMISSION, Remove: PERMISSION },
    OperationType: oneOf(['add', 'remove']),
    UserIds: done,
    UserGroups: done,
    OrganizationArns: done,
    OrganizationalUnitArns: done,
    ImdsSupport: { Value: done },
  }),
  defineOperation(DescribeImageAttribute$, describeImageAttribute, { ImageId: done, Attribute: checked }),
  defineOperation(ResetImageAttribute$, resetImageAttribute, { ImageId: done, Attribute: oneOf(['launchPermission']) }),
];

function modifyImageAttribute(input: ModifyImageAttributeRequest, context: RequestContext): void {
  const image = getOwnImage(context, input.ImageId);
  assertAvailable(image);
  const permissions = readPermissionChanges({
    add: input.LaunchPermission?.Add,
    remove: input.LaunchPermission?.Remove,
    operation: input.OperationType,
    users: input.UserIds,
    groups: input.UserGroups,
    organizations: input.OrganizationArns,
    organizationalUnits: input.OrganizationalUnitArns,
  });
  const description = input.Description?.Value ?? (input.Attribute === 'description' ? input.Value : undefined);
  const imdsSupport = input.ImdsSupport?.Value ?? (input.Attribute === 'imdsSupport' ? input.Value : undefined);
  if (permissions.add.length + permissions.remove.length === 0 && (description ?? imdsSupport) === undefined) {
    throw new AwsError('InvalidParameterCombination', 'No attributes specified.');
  }
  if (imdsSupport !== undefined && imdsSupport !== 'v2.0') {
    throw new AwsError('InvalidParameterValue', `Value (${imdsSupport}) for parameter imdsSupport is invalid.`);
  }
  assertShareable(image, permissions, context);
  assertNotDryRun(input.DryRun);
  context.world.images.update(image.id, {
    ...applyPermissions(image, permissions),
    description: description ?? image.description,
    imdsSupport: imdsSupport ?? image.imdsSupport,
  });
}

/** A pending image has no attributes to change yet, a disabled one keeps its own. */
function assertAvailable({ id, state }: ImageRecord): void {
  if (state === 'available') return;
  throw new AwsError('InvalidAMIID.Unavailable', `The image ID '${id}' is not available: it is ${state}`);
}

function assertShareable(image: ImageRecord, { add }: PermissionChanges, context: RequestContext): void {
  if (add.length === 0) return;
  const snapshot = context.world.snapshots.find(image.snapshotId);
  if (snapshot !== undefined && hasManagedKey(context, snapshot)) {
    throw new AwsError(
      'InvalidParameter',
      "Snapshots encrypted with the AWS Managed CMK can't be shared. Specify another snapshot.",
    );
  }
  if (!add.some(({ Group }) => Group === 'all')) return;
  if (readAccountSettings(context).imageBlockPublicAccess !== 'unblocked') {
    throw new AwsError(
      'OperationNotPermitted',
      'You can’t publicly share this image because block public access for AMIs is enabled for this account.',
    );
  }
  if (snapshot?.isEncrypted === true) {
    throw new AwsError('InvalidParameter', `The image ${image.id} has encrypted snapshots and cannot be made public.`);
  }
}

function describeImageAttribute(input: DescribeImageAttributeRequest, context: RequestContext): ImageAttribute {
  const image = getImage(context, input.ImageId);
  return { ImageId: image.id, ...viewAttribute(image, input.Attribute, context) };
}

function viewAttribute(image: ImageRecord, attribute: string | undefined, context: RequestContext): ImageAttribute {
  switch (attribute) {
    case 'description':
      return { Description: { Value: image.description } };
    case 'launchPermission':
      getOwnImage(context, image.id);
      return { LaunchPermissions: [...viewAccounts(image), ...viewOrganizations(image)] };
    case 'lastLaunchedTime':
      return { LastLaunchedTime: { Value: getOwnImage(context, image.id).lastLaunchedAt } };
    case 'productCodes':
      return { ProductCodes: [] };
    case 'deregistrationProtection':
      return { DeregistrationProtection: { Value: image.deregistrationProtection ?? 'disabled' } };
    case 'imdsSupport':
      return { ImdsSupport: { Value: image.imdsSupport } };
    case 'bootMode':
      return { BootMode: { Value: image.bootMode } };
    case undefined:
    default:
      throw new AwsError('InvalidParameterValue', `Value (${attribute}) for parameter attribute is invalid.`);
  }
}

function resetImageAttribute(input: ResetImageAttributeRequest, context: RequestContext): void {
  const image = getOwnImage(context, input.ImageId);
  assertNotDryRun(input.DryRun);
  context.world.images.update(image.id, { isPublic: false, sharedAccounts: [], sharedArns: [] });
}
