import {
  AttachRolePolicy$,
  type AttachRolePolicyRequest,
  CreatePolicy$,
  type CreatePolicyRequest,
  type CreatePolicyResponse,
  DeletePolicy$,
  type DeletePolicyRequest,
  DeleteRolePolicy$,
  type DeleteRolePolicyRequest,
  DetachRolePolicy$,
  type DetachRolePolicyRequest,
  GetPolicy$,
  type GetPolicyRequest,
  type GetPolicyResponse,
  GetRolePolicy$,
  type GetRolePolicyRequest,
  type GetRolePolicyResponse,
  ListAttachedRolePolicies$,
  type ListAttachedRolePoliciesRequest,
  type ListAttachedRolePoliciesResponse,
  ListRolePolicies$,
  type ListRolePoliciesRequest,
  type ListRolePoliciesResponse,
  type Policy,
  PutRolePolicy$,
  type PutRolePolicyRequest,
} from '@aws-sdk/client-iam';
import { readTags, viewTags } from '../ec2/tags.js';
import { done } from '../members/member-rules.js';
import { defineOperation } from '../wire/operation.js';
import type { PolicyRecord } from '../world/service-records.js';
import type { RequestContext } from '../world/services.js';
import {
  alreadyExists,
  assertName,
  assertPolicy,
  createIamId,
  deleteConflict,
  formatArn,
  getRole,
  miss,
  WHOLE_LIST,
} from './requests.js';

export const policyOperations = [
  defineOperation(AttachRolePolicy$, attachRolePolicy, { RoleName: done, PolicyArn: done }),
  defineOperation(DetachRolePolicy$, detachRolePolicy, { RoleName: done, PolicyArn: done }),
  defineOperation(ListAttachedRolePolicies$, listAttachedRolePolicies, {
    ...WHOLE_LIST,
    RoleName: done,
    PathPrefix: done,
  }),
  defineOperation(PutRolePolicy$, putRolePolicy, { RoleName: done, PolicyName: done, PolicyDocument: done }),
  defineOperation(GetRolePolicy$, getRolePolicy, { RoleName: done, PolicyName: done }),
  defineOperation(DeleteRolePolicy$, deleteRolePolicy, { RoleName: done, PolicyName: done }),
  defineOperation(ListRolePolicies$, listRolePolicies, { ...WHOLE_LIST, RoleName: done }),
  defineOperation(CreatePolicy$, createPolicy, {
    PolicyName: done,
    PolicyDocument: done,
    Path: done,
    Description: done,
    Tags: { Key: done, Value: done },
  }),
  defineOperation(GetPolicy$, getPolicy, { PolicyArn: done }),
  defineOperation(DeletePolicy$, deletePolicy, { PolicyArn: done }),
];

// AWS's own policies are not known by name here: any ARN of that form is taken for one.
const AWS_POLICY = /^arn:aws:iam::aws:policy\/[\w+=,.@\-/]{1,512}$/;

function attachRolePolicy({ RoleName, PolicyArn = '' }: AttachRolePolicyRequest, context: RequestContext): void {
  const role = getRole(context, RoleName);
  if (!AWS_POLICY.test(PolicyArn)) getOwnPolicy(context, PolicyArn);
  if (role.attachedPolicyArns.includes(PolicyArn)) return;
  context.world.roles.update(role.id, { attachedPolicyArns: [...role.attachedPolicyArns, PolicyArn] });
}

function detachRolePolicy({ RoleName, PolicyArn = '' }: DetachRolePolicyRequest, context: RequestContext): void {
  const role = getRole(context, RoleName);
  if (!role.attachedPolicyArns.includes(PolicyArn)) miss(`Policy ${PolicyArn} was not found.`);
  const attachedPolicyArns = role.attachedPolicyArns.filter((arn) => arn !== PolicyArn);
  context.world.roles.update(role.id, { attachedPolicyArns });
}

function listAttachedRolePolicies(
  { RoleName, PathPrefix = '/' }: ListAttachedRolePoliciesRequest,
  context: RequestContext,
): ListAttachedRolePoliciesResponse {
  const arns = getRole(context, RoleName).attachedPolicyArns.filter((arn) => pathOf(arn).startsWith(PathPrefix));
  return {
    AttachedPolicies: arns.map((arn) => ({ PolicyArn: arn, PolicyName: arn.slice(arn.lastIndexOf('/') + 1) })),
    IsTruncated: false,
  };
}

/** `/service-role/` of `arn:aws:iam::aws:policy/service-role/NAME`. */
function pathOf(arn: string): string {
  return arn.slice(arn.indexOf('/'), arn.lastIndexOf('/') + 1);
}

function putRolePolicy(input: PutRolePolicyRequest, context: RequestContext): void {
  const { PolicyName: name = '', PolicyDocument: document = '' } = input;
  const role = getRole(context, input.RoleName);
  assertName(name, 'policyName', 128);
  assertPolicy(document);
  context.world.roles.update(role.id, { inlinePolicies: { ...role.inlinePolicies, [name]: document } });
}

function getRolePolicy(input: GetRolePolicyRequest, context: RequestContext): GetRolePolicyResponse {
  const { PolicyName: name = '' } = input;
  const role = getRole(context, input.RoleName);
  const document = role.inlinePolicies[name] ?? miss(`The role policy with name ${name} cannot be found.`);
  return { RoleName: role.id, PolicyName: name, PolicyDocument: encodeURIComponent(document) };
}

function deleteRolePolicy(input: DeleteRolePolicyRequest, context: RequestContext): void {
  const { PolicyName: name = '' } = input;
  const role = getRole(context, input.RoleName);
  const { [name]: removed, ...inlinePolicies } = role.inlinePolicies;
  if (removed === undefined) miss(`The role policy with name ${name} cannot be found.`);
  context.world.roles.update(role.id, { inlinePolicies });
}

function listRolePolicies({ RoleName }: ListRolePoliciesRequest, context: RequestContext): ListRolePoliciesResponse {
  return { PolicyNames: Object.keys(getRole(context, RoleName).inlinePolicies), IsTruncated: false };
}

function createPolicy(input: CreatePolicyRequest, context: RequestContext): CreatePolicyResponse {
  const { PolicyName: name = '', PolicyDocument: document = '', Path: path = '/' } = input;
  assertName(name, 'policyName', 128);
  assertPolicy(document);
  const id = formatArn(context, 'policy', path, name);
  if (context.world.policies.find(id) !== undefined) throw alreadyExists(`A policy called ${name}`);
  const createdAt = context.clock.now().toISOString();
  const policy = context.world.policies.put({
    id,
    policyId: createIamId('ANPA'),
    name,
    path,
    document,
    createdAt,
    description: input.Description,
    tags: readTags(input.Tags ?? []),
  });
  return { Policy: viewPolicy(policy, context) };
}

function getPolicy({ PolicyArn = '' }: GetPolicyRequest, context: RequestContext): GetPolicyResponse {
  return { Policy: viewPolicy(getOwnPolicy(context, PolicyArn), context) };
}

function deletePolicy({ PolicyArn = '' }: DeletePolicyRequest, context: RequestContext): void {
  const policy = getOwnPolicy(context, PolicyArn);
  if (countAttachments(policy, context) > 0) throw deleteConflict('must detach policy from all entities first');
  context.world.policies.remove(policy.id);
}

function getOwnPolicy({ world }: RequestContext, arn: string): PolicyRecord {
  return world.policies.find(arn) ?? miss(`Policy ${arn} does not exist or is not attachable.`);
}

function viewPolicy(policy: PolicyRecord, context: RequestContext): Policy {
  return {
    PolicyName: policy.name,
    PolicyId: policy.policyId,
    Arn: policy.id,
    Path: policy.path,
    DefaultVersionId: 'v1',
    AttachmentCount: countAttachments(policy, context),
    IsAttachable: true,
    CreateDate: new Date(policy.createdAt),
    Description: policy.description,
    Tags: viewTags(policy.tags ?? {}).map(({ Key = '', Value = '' }) => ({ Key, Value })),
  };
}

function countAttachments(policy: PolicyRecord, { world }: RequestContext): number {
  return world.roles.list().filter(({ attachedPolicyArns }) => attachedPolicyArns.includes(policy.id)).length;
}
