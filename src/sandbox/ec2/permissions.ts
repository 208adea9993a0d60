import { AwsError } from '../wire/aws-error.js';

interface Permission {
  readonly Group?: string | undefined;
  readonly UserId?: string | undefined;
}

interface PermissionRequest {
  readonly add: readonly Permission[] | undefined;
  readonly remove: readonly Permission[] | undefined;
  /** The older form: one operation over lists of users and groups. */
  readonly operation: string | undefined;
  readonly users: readonly string[] | undefined;
  readonly groups: readonly string[] | undefined;
}

export interface PermissionChanges {
  readonly add: readonly Permission[];
  readonly remove: readonly Permission[];
}

interface Shareable {
  readonly isPublic: boolean;
  readonly sharedAccounts: readonly string[];
}

/**
 * Reads a change of launch or volume permissions in either of EC2's two forms.
 *
 * @throws AwsError InvalidUserID.Malformed, InvalidParameterValue
 */
export function readPermissionChanges(request: PermissionRequest): PermissionChanges {
  const listed = [
    ...(request.users ?? []).map((UserId) => ({ UserId })),
    ...(request.groups ?? []).map((Group) => ({ Group })),
  ];
  if (request.operation !== undefined && request.operation !== 'add' && request.operation !== 'remove') {
    throw new AwsError('InvalidParameterValue', `Invalid value '${request.operation}' for operationType`);
  }
  const isRemoval = request.operation === 'remove';
  const changes = {
    add: [...(request.add ?? []), ...(isRemoval ? [] : listed)],
    remove: [...(request.remove ?? []), ...(isRemoval ? listed : [])],
  };
  for (const permission of [...changes.add, ...changes.remove]) assertPermission(permission);
  return changes;
}

export function applyPermissions(resource: Shareable, changes: PermissionChanges): Shareable {
  const accounts = new Set(resource.sharedAccounts);
  let { isPublic } = resource;
  for (const { UserId, Group } of changes.add) {
    if (UserId !== undefined) accounts.add(UserId);
    if (Group === 'all') isPublic = true;
  }
  for (const { UserId, Group } of changes.remove) {
    if (UserId !== undefined) accounts.delete(UserId);
    if (Group === 'all') isPublic = false;
  }
  return { isPublic, sharedAccounts: [...accounts] };
}

function assertPermission({ UserId, Group }: Permission): void {
  if (UserId !== undefined && !/^\d{12}$/.test(UserId)) {
    throw new AwsError(
      'InvalidAMIAttributeItemValue',
      `Invalid attribute item value "${UserId}" for userId item type.`,
    );
  }
  if (Group !== undefined && Group !== 'all') {
    throw new AwsError('InvalidAMIAttributeItemValue', `Invalid attribute item value "${Group}" for group item type.`);
  }
}
