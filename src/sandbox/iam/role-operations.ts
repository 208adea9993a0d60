import {
  CreateRole$,
  type CreateRoleRequest,
  type CreateRoleResponse,
  DeleteRole$,
  type DeleteRoleRequest,
  GetRole$,
  type GetRoleRequest,
  type GetRoleResponse,
  ListRoles$,
  type ListRolesRequest,
  type ListRolesResponse,
  type Role,
} from '@aws-sdk/client-iam';
import { readTags, viewTags } from '../ec2/tags.js';
import { done, oneOf } from '../members/member-rules.js';
import { defineOperation } from '../wire/operation.js';
import type { RoleRecord } from '../world/service-records.js';
import type { RequestContext } from '../world/services.js';
import {
  alreadyExists,
  assertName,
  assertPolicy,
  createIamId,
  deleteConflict,
  formatArn,
  getRole,
  WHOLE_LIST,
} from './requests.js';

export const roleOperations = [
  defineOperation(CreateRole$, createRole, {
    RoleName: done,
    AssumeRolePolicyDocument: done,
    Path: done,
    Description: done,
    MaxSessionDuration: oneOf([3600]),
    Tags: { Key: done, Value: done },
  }),
  defineOperation(
    GetRole$,
    (input: GetRoleRequest, context: RequestContext): GetRoleResponse => ({
      Role: viewRole(getRole(context, input.RoleName), context),
    }),
    { RoleName: done },
  ),
  defineOperation(ListRoles$, listRoles, { ...WHOLE_LIST, PathPrefix: done }),
  defineOperation(DeleteRole$, deleteRole, { RoleName: done }),
];

function createRole(input: CreateRoleRequest, context: RequestContext): CreateRoleResponse {
  const { RoleName: name = '', AssumeRolePolicyDocument: trustPolicy = '' } = input;
  assertName(name, 'roleName', 64);
  assertPolicy(trustPolicy);
  if (context.world.roles.find(name) !== undefined) throw alreadyExists(`Role with name ${name}`);
  const role = context.world.roles.put({
    id: name,
    roleId: createIamId('AROA'),
    path: input.Path ?? '/',
    description: input.Description,
    trustPolicy,
    createdAt: context.clock.now().toISOString(),
    attachedPolicyArns: [],
    inlinePolicies: {},
    tags: readTags(input.Tags ?? []),
  });
  return { Role: viewRole(role, context) };
}

function listRoles(input: ListRolesRequest, context: RequestContext): ListRolesResponse {
  const roles = context.world.roles.list().filter(({ path }) => path.startsWith(input.PathPrefix ?? '/'));
  return { Roles: roles.map((role) => viewRole(role, context)), IsTruncated: false };
}

function deleteRole({ RoleName }: DeleteRoleRequest, context: RequestContext): void {
  const role = getRole(context, RoleName);
  if (context.world.instanceProfiles.list().some(({ roleName }) => roleName === role.id)) {
    throw deleteConflict('must remove roles from instance profile first');
  }
  if (role.attachedPolicyArns.length > 0) throw deleteConflict('must detach all policies first');
  if (Object.keys(role.inlinePolicies).length > 0) throw deleteConflict('must delete policies first');
  context.world.roles.remove(role.id);
}

export function viewRole(role: RoleRecord, context: RequestContext): Role {
  return {
    Path: role.path,
    RoleName: role.id,
    RoleId: role.roleId,
    Arn: formatArn(context, 'role', role.path, role.id),
    CreateDate: new Date(role.createdAt),
    // IAM gives documents back percent-encoded.
    AssumeRolePolicyDocument: encodeURIComponent(role.trustPolicy),
    ...(role.description === undefined ? {} : { Description: role.description }),
    MaxSessionDuration: 3600,
    Tags: viewTags(role.tags).map(({ Key = '', Value = '' }) => ({ Key, Value })),
  };
}
