import { AwsError } from '../wire/aws-error.js';

interface Permission {
  readonly Group?: string | undefined;
  readonly UserId?: string | undefined;
  readonly OrganizationArn?: string | undefined;
  readonly OrganizationalUnitArn?: string | undefined;
}

interface PermissionRequest {
  readonly add: readonly Permission[] | undefined;
  readonly remove: readonly Permission[] | undefined;
  /** The older form: one operation over lists of users, groups and, for images, organisations. */
  readonly operation: string | undefined;
  readonly users: readonly string[] | undefined;
  readonly groups: readonly string[] | undefined;
  readonly organizations?: readonly string[] | undefined;
  readonly organizationalUnits?: readonly string[] | undefined;
}

export interface PermissionChanges {
  readonly add: readonly Permission[];
  readonly remove: readonly Permission[];
}

interface Shareable {
  readonly isPublic: boolean;
  readonly sharedAccounts: readonly string[];
  readonly sharedArns?: readonly string[];
}

/**
 * Reads a change of launch or volume permissions in either of EC2's two forms.
 *
 * @throws AwsError InvalidAMIAttributeItemValue, InvalidParameterValue
 */
export function readPermissionChanges(request: PermissionRequest): PermissionChanges {
  const listed: readonly Permission[] = [
    ...(request.users ?? []).map((UserId) => ({ UserId })),
    ...(request.groups ?? []).map((Group) => ({ Group })),
    ...(request.organizations ?? []).map((OrganizationArn) => ({ OrganizationArn })),
    ...(request.organizationalUnits ?? []).map((OrganizationalUnitArn) => ({ OrganizationalUnitArn })),
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

export function applyPermissions(resource: Shareable, changes: PermissionChanges): Required<Shareable> {
  const accounts = new Set(resource.sharedAccounts);
  const arns = new Set(resource.sharedArns);
  let { isPublic } = resource;
  for (const { UserId, Group, OrganizationArn, OrganizationalUnitArn } of changes.add) {
    if (UserId !== undefined) accounts.add(UserId);
    if (OrganizationArn !== undefined) arns.add(OrganizationArn);
    if (OrganizationalUnitArn !== undefined) arns.add(OrganizationalUnitArn);
    if (Group === 'all') isPublic = true;
  }
  for (const { UserId, Group, OrganizationArn, OrganizationalUnitArn } of changes.remove) {
    accounts.delete(UserId ?? '');
    arns.delete(OrganizationArn ?? '');
    arns.delete(OrganizationalUnitArn ?? '');
    if (Group === 'all') isPublic = false;
  }
  return { isPublic, sharedAccounts: [...accounts], sharedArns: [...arns] };
}

/** Permissions of accounts and of everybody, as the replies have them. */
export function viewAccounts({ isPublic, sharedAccounts }: Shareable) {
  return [...(isPublic ? [{ Group: 'all' as const }] : []), ...sharedAccounts.map((UserId) => ({ UserId }))];
}

/** Permissions of organisations and their units, as the replies have them. */
export function viewOrganizations({ sharedArns = [] }: Shareable) {
  return sharedArns.map((arn) => (arn.includes(':ou/') ? { OrganizationalUnitArn: arn } : { OrganizationArn: arn }));
}

// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_arn-formats.html
const FORMS: readonly { readonly member: keyof Permission; readonly item: string; readonly form: RegExp }[] = [
  { member: 'UserId', item: 'userId', form: /^\d{12}$/ },
  { member: 'Group', item: 'group', form: /^all$/ },
  {
    member: 'OrganizationArn',
    item: 'organizationArn',
    form: /^arn:aws:organizations::\d{12}:organization\/o-[a-z0-9]{10,32}$/,
  },
  {
    member: 'OrganizationalUnitArn',
    item: 'organizationalUnitArn',
    form: /^arn:aws:organizations::\d{12}:ou\/o-[a-z0-9]{10,32}\/ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}$/,
  },
];

function assertPermission(permission: Permission): void {
  for (const { member, item, form } of FORMS) {
    const value = permission[member];
    if (value === undefined || form.test(value)) continue;
    throw new AwsError(
      'InvalidAMIAttributeItemValue',
      `Invalid attribute item value "${value}" for ${item} item type.`,
    );
  }
}
