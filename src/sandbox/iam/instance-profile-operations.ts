import {
  AddRoleToInstanceProfile$,
  type AddRoleToInstanceProfileRequest,
  CreateInstanceProfile$,
  type CreateInstanceProfileRequest,
  type CreateInstanceProfileResponse,
  DeleteInstanceProfile$,
  type DeleteInstanceProfileRequest,
  GetInstanceProfile$,
  type GetInstanceProfileRequest,
  type GetInstanceProfileResponse,
  type InstanceProfile,
  ListInstanceProfiles$,
  ListInstanceProfilesForRole$,
  type ListInstanceProfilesForRoleRequest,
  type ListInstanceProfilesRequest,
  type ListInstanceProfilesResponse,
  RemoveRoleFromInstanceProfile$,
  type RemoveRoleFromInstanceProfileRequest,
} from '@aws-sdk/client-iam';
import { readTags, viewTags } from '../ec2/tags.js';
import { done } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import type { InstanceProfileRecord } from '../world/service-records.js';
import type { RequestContext } from '../world/services.js';
import { formatProfileArn } from './instance-profiles.js';
import {
  alreadyExists,
  assertName,
  createIamId,
  deleteConflict,
  getInstanceProfile,
  getRole,
  miss,
  WHOLE_LIST,
} from './requests.js';
import { viewRole } from './role-operations.js';

export const instanceProfileOperations = [
  defineOperation(CreateInstanceProfile$, createInstanceProfile, {
    InstanceProfileName: done,
    Path: done,
    Tags: { Key: done, Value: done },
  }),
  defineOperation(
    GetInstanceProfile$,
    (input: GetInstanceProfileRequest, context: RequestContext): GetInstanceProfileResponse => ({
      InstanceProfile: viewInstanceProfile(getInstanceProfile(context, input.InstanceProfileName), context),
    }),
    { InstanceProfileName: done },
  ),
  defineOperation(ListInstanceProfiles$, listInstanceProfiles, { ...WHOLE_LIST, PathPrefix: done }),
  defineOperation(ListInstanceProfilesForRole$, listInstanceProfilesForRole, { ...WHOLE_LIST, RoleName: done }),
  defineOperation(DeleteInstanceProfile$, deleteInstanceProfile, { InstanceProfileName: done }),
  defineOperation(AddRoleToInstanceProfile$, addRole, { InstanceProfileName: done, RoleName: done }),
  defineOperation(RemoveRoleFromInstanceProfile$, removeRole, { InstanceProfileName: done, RoleName: done }),
];

function createInstanceProfile(
  input: CreateInstanceProfileRequest,
  context: RequestContext,
): CreateInstanceProfileResponse {
  const { InstanceProfileName: name = '' } = input;
  assertName(name, 'instanceProfileName', 128);
  if (context.world.instanceProfiles.find(name) !== undefined) throw alreadyExists(`Instance Profile ${name}`);
  const profile = context.world.instanceProfiles.put({
    id: name,
    profileId: createIamId('AIPA'),
    path: input.Path ?? '/',
    createdAt: context.clock.now().toISOString(),
    roleName: undefined,
    tags: readTags(input.Tags ?? []),
  });
  return { InstanceProfile: viewInstanceProfile(profile, context) };
}

function listInstanceProfiles(
  input: ListInstanceProfilesRequest,
  context: RequestContext,
): ListInstanceProfilesResponse {
  const profiles = context.world.instanceProfiles.list().filter(({ path }) => path.startsWith(input.PathPrefix ?? '/'));
  return { InstanceProfiles: profiles.map((profile) => viewInstanceProfile(profile, context)), IsTruncated: false };
}

function listInstanceProfilesForRole(
  { RoleName }: ListInstanceProfilesForRoleRequest,
  context: RequestContext,
): ListInstanceProfilesResponse {
  const role = getRole(context, RoleName);
  const profiles = context.world.instanceProfiles.list().filter(({ roleName }) => roleName === role.id);
  return { InstanceProfiles: profiles.map((profile) => viewInstanceProfile(profile, context)), IsTruncated: false };
}

function deleteInstanceProfile({ InstanceProfileName }: DeleteInstanceProfileRequest, context: RequestContext): void {
  const profile = getInstanceProfile(context, InstanceProfileName);
  if (profile.roleName !== undefined) throw deleteConflict('must remove roles from instance profile first');
  context.world.instanceProfiles.remove(profile.id);
}

function addRole(input: AddRoleToInstanceProfileRequest, context: RequestContext): void {
  const profile = getInstanceProfile(context, input.InstanceProfileName);
  const role = getRole(context, input.RoleName);
  if (profile.roleName !== undefined) {
    throw new AwsError('LimitExceeded', 'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1', 409);
  }
  context.world.instanceProfiles.update(profile.id, { roleName: role.id });
}

function removeRole(input: RemoveRoleFromInstanceProfileRequest, context: RequestContext): void {
  const profile = getInstanceProfile(context, input.InstanceProfileName);
  if (profile.roleName === undefined || profile.roleName !== input.RoleName) {
    miss(`The role with name ${input.RoleName} cannot be found.`);
  }
  context.world.instanceProfiles.update(profile.id, { roleName: undefined });
}

function viewInstanceProfile(profile: InstanceProfileRecord, context: RequestContext): InstanceProfile {
  const role = profile.roleName === undefined ? undefined : context.world.roles.find(profile.roleName);
  return {
    Path: profile.path,
    InstanceProfileName: profile.id,
    InstanceProfileId: profile.profileId,
    Arn: formatProfileArn(context, profile),
    CreateDate: new Date(profile.createdAt),
    Roles: role === undefined ? [] : [viewRole(role, context)],
    Tags: viewTags(profile.tags ?? {}).map(({ Key = '', Value = '' }) => ({ Key, Value })),
  };
}
