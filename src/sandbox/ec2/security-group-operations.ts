import {
  AuthorizeSecurityGroupEgress$,
  type AuthorizeSecurityGroupEgressRequest,
  AuthorizeSecurityGroupIngress$,
  type AuthorizeSecurityGroupIngressRequest,
  type AuthorizeSecurityGroupIngressResult,
  CreateSecurityGroup$,
  type CreateSecurityGroupRequest,
  type CreateSecurityGroupResult,
  DeleteSecurityGroup$,
  type DeleteSecurityGroupRequest,
  type DeleteSecurityGroupResult,
  DescribeSecurityGroups$,
  type DescribeSecurityGroupsRequest,
  type DescribeSecurityGroupsResult,
  RevokeSecurityGroupIngress$,
  type RevokeSecurityGroupIngressRequest,
  type RevokeSecurityGroupIngressResult,
} from '@aws-sdk/client-ec2';
import { done } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import { createId, deriveId } from '../world/ids.js';
import type { IngressRule, SecurityGroupRecord } from '../world/records.js';
import { getDefaultVpc } from '../world/regions.js';
import type { RequestContext } from '../world/services.js';
import { applyFilters } from './filters.js';
import { LISTED, tagsOf } from './members.js';
import { assertNotBothIdsAndPageSize, cutPage } from './pages.js';
import { assertNotDryRun } from './requests.js';
import { isSameRule, readRules, viewPermissions, viewRule } from './security-group-rules.js';
import { readTagSpecifications, viewTags } from './tags.js';

/** Rules are for ranges of addresses; other groups and prefix lists are refused. */
const RULES = {
  CidrIp: done,
  FromPort: done,
  ToPort: done,
  IpProtocol: done,
  IpPermissions: {
    IpProtocol: done,
    FromPort: done,
    ToPort: done,
    IpRanges: { CidrIp: done, Description: done },
    Ipv6Ranges: { CidrIpv6: done, Description: done },
  },
} as const;

export const securityGroupOperations = [
  defineOperation(CreateSecurityGroup$, createSecurityGroup, {
    Description: done,
    GroupName: done,
    VpcId: done,
    TagSpecifications: tagsOf(['security-group']),
  }),
  defineOperation(DescribeSecurityGroups$, describeSecurityGroups, { ...LISTED, GroupIds: done, GroupNames: done }),
  defineOperation(AuthorizeSecurityGroupIngress$, authorizeIngress, { ...RULES, GroupId: done, GroupName: done }),
  defineOperation(AuthorizeSecurityGroupEgress$, authorizeEgress, { ...RULES, GroupId: done }),
  defineOperation(RevokeSecurityGroupIngress$, revokeIngress, {
    ...RULES,
    GroupId: done,
    GroupName: done,
    SecurityGroupRuleIds: done,
  }),
  defineOperation(DeleteSecurityGroup$, deleteSecurityGroup, { GroupId: done, GroupName: done }),
];

/** The group that a region's default VPC has from the beginning. */
export function ensureDefaultSecurityGroup({ world, region }: RequestContext): SecurityGroupRecord {
  const id = deriveId('sg', 'default', region);
  return (
    world.securityGroups.find(id) ??
    world.securityGroups.put({
      id,
      region,
      tags: {},
      name: 'default',
      description: 'default VPC security group',
      rules: [createEgressToAll()],
    })
  );
}

/** Finds the groups that a launch names, by id and by name; the default group when it names none. */
export function getSecurityGroups(
  context: RequestContext,
  {
    ids = [],
    names = [],
  }: { readonly ids?: readonly string[] | undefined; readonly names?: readonly string[] | undefined },
): readonly SecurityGroupRecord[] {
  const fallback = ensureDefaultSecurityGroup(context);
  if (ids.length + names.length === 0) return [fallback];
  return [...ids.map((id) => getGroupById(context, id)), ...names.map((name) => getGroupByName(context, name))];
}

function createSecurityGroup(input: CreateSecurityGroupRequest, context: RequestContext): CreateSecurityGroupResult {
  const { GroupName: name = '', Description: description = '', VpcId } = input;
  const { world, region, accountId } = context;
  if (name.length > 255 || name.startsWith('sg-') || !/^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]+$/.test(name)) {
    throw new AwsError('InvalidParameterValue', `Value (${name}) for parameter GroupName is invalid.`);
  }
  if (description.length > 255 || !/^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]+$/.test(description)) {
    throw new AwsError('InvalidParameterValue', 'Value for parameter GroupDescription is invalid.');
  }
  const vpc = getDefaultVpc(region);
  if (VpcId !== undefined && VpcId !== vpc.id) {
    throw new AwsError('InvalidVpcID.NotFound', `The vpc ID '${VpcId}' does not exist`);
  }
  const tags = readTagSpecifications(input.TagSpecifications, 'security-group');
  if (findGroupByName(context, name) !== undefined) {
    throw new AwsError('InvalidGroup.Duplicate', `The security group '${name}' already exists for VPC '${vpc.id}'`);
  }
  assertNotDryRun(input.DryRun);
  const id = createId('sg');
  world.securityGroups.put({ id, region, tags, name, description, rules: [createEgressToAll()] });
  return {
    GroupId: id,
    Tags: viewTags(tags),
    SecurityGroupArn: `arn:aws:ec2:${region}:${accountId}:security-group/${id}`,
  };
}

function describeSecurityGroups(
  input: DescribeSecurityGroupsRequest,
  context: RequestContext,
): DescribeSecurityGroupsResult {
  assertNotBothIdsAndPageSize(input.GroupIds, input);
  ensureDefaultSecurityGroup(context);
  const named = [
    ...(input.GroupIds ?? []).map((id) => getGroupById(context, id)),
    ...(input.GroupNames ?? []).map((name) => getGroupByName(context, name)),
  ];
  const isNamed = input.GroupIds !== undefined || input.GroupNames !== undefined;
  const all = context.world.securityGroups.list().filter(({ region }) => region === context.region);
  const vpcId = getDefaultVpc(context.region).id;
  const matching = applyFilters(isNamed ? named : all, input.Filters, {
    'group-id': ({ id }) => [id],
    'group-name': ({ name }) => [name],
    description: ({ description }) => [description],
    'owner-id': () => [context.accountId],
    'vpc-id': () => [vpcId],
  });
  const page = cutPage(matching, input);
  return {
    NextToken: page.NextToken,
    SecurityGroups: page.items.map((group) => ({
      GroupId: group.id,
      GroupName: group.name,
      Description: group.description,
      OwnerId: context.accountId,
      VpcId: vpcId,
      SecurityGroupArn: `arn:aws:ec2:${context.region}:${context.accountId}:security-group/${group.id}`,
      IpPermissions: viewPermissions(group.rules.filter((rule) => !rule.isEgress)),
      IpPermissionsEgress: viewPermissions(group.rules.filter((rule) => rule.isEgress)),
      Tags: viewTags(group.tags),
    })),
  };
}

function authorizeIngress(
  input: AuthorizeSecurityGroupIngressRequest,
  context: RequestContext,
): AuthorizeSecurityGroupIngressResult {
  return addRules(input, context, false);
}

function authorizeEgress(
  input: AuthorizeSecurityGroupEgressRequest,
  context: RequestContext,
): AuthorizeSecurityGroupIngressResult {
  return addRules(input, context, true);
}

function addRules(
  input: AuthorizeSecurityGroupIngressRequest,
  context: RequestContext,
  isEgress: boolean,
): AuthorizeSecurityGroupIngressResult {
  const group = getNamedGroup(input, context);
  const rules = readRules(input).map((rule) => ({ ...rule, id: createId('sgr'), isEgress }));
  for (const rule of rules) {
    if (group.rules.some((existing) => isSameRule(existing, rule))) {
      const { cidr, protocol, fromPort, toPort } = rule;
      throw new AwsError(
        'InvalidPermission.Duplicate',
        `the specified rule "peer: ${cidr}, ${protocol.toUpperCase()}, from port: ${fromPort}, to port: ${toPort}, ALLOW" already exists`,
      );
    }
  }
  assertNotDryRun(input.DryRun);
  context.world.securityGroups.update(group.id, { rules: [...group.rules, ...rules] });
  return { Return: true, SecurityGroupRules: rules.map((rule) => viewRule(rule, group.id, context.accountId)) };
}

function revokeIngress(
  input: RevokeSecurityGroupIngressRequest,
  context: RequestContext,
): RevokeSecurityGroupIngressResult {
  const group = getNamedGroup(input, context);
  const ids = input.SecurityGroupRuleIds;
  const wanted = ids === undefined ? readRules(input) : [];
  const isRevoked = (rule: IngressRule) =>
    ids?.includes(rule.id) ?? wanted.some((other) => isSameRule(rule, { ...other, id: '', isEgress: false }));
  const revoked = group.rules.filter(isRevoked);
  if (revoked.length < (ids ?? wanted).length) {
    throw new AwsError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
  }
  assertNotDryRun(input.DryRun);
  context.world.securityGroups.update(group.id, { rules: group.rules.filter((rule) => !isRevoked(rule)) });
  return { Return: true };
}

function deleteSecurityGroup(input: DeleteSecurityGroupRequest, context: RequestContext): DeleteSecurityGroupResult {
  const group = getNamedGroup(input, context);
  if (group.name === 'default') {
    throw new AwsError(
      'CannotDelete',
      `the specified group: "${group.id}" name: "default" cannot be deleted by a user`,
    );
  }
  const isUsed = context.world.instances
    .list()
    .some((instance) => instance.state !== 'terminated' && instance.securityGroupIds.includes(group.id));
  if (isUsed) throw new AwsError('DependencyViolation', `resource ${group.id} has a dependent object`);
  assertNotDryRun(input.DryRun);
  context.world.securityGroups.remove(group.id);
  return { Return: true, GroupId: group.id };
}

function getNamedGroup(
  { GroupId, GroupName }: { readonly GroupId?: string | undefined; readonly GroupName?: string | undefined },
  context: RequestContext,
): SecurityGroupRecord {
  if (GroupId !== undefined) return getGroupById(context, GroupId);
  if (GroupName !== undefined) return getGroupByName(context, GroupName);
  throw new AwsError('MissingParameter', 'The request must contain the parameter groupName or groupId');
}

function getGroupById({ world, region }: RequestContext, id: string): SecurityGroupRecord {
  if (!/^sg-([0-9a-f]{8}|[0-9a-f]{17})$/.test(id)) {
    throw new AwsError('InvalidGroupId.Malformed', `Invalid id: "${id}" (expecting "sg-...")`);
  }
  const group = world.securityGroups.find(id);
  if (group !== undefined && group.region === region) return group;
  throw new AwsError('InvalidGroup.NotFound', `The security group '${id}' does not exist`);
}

function getGroupByName(context: RequestContext, name: string): SecurityGroupRecord {
  const group = findGroupByName(context, name);
  if (group !== undefined) return group;
  throw new AwsError('InvalidGroup.NotFound', `The security group '${name}' does not exist in default VPC`);
}

function findGroupByName(context: RequestContext, name: string): SecurityGroupRecord | undefined {
  ensureDefaultSecurityGroup(context);
  return context.world.securityGroups.list().find((group) => group.region === context.region && group.name === name);
}

function createEgressToAll(): IngressRule {
  return {
    id: createId('sgr'),
    isEgress: true,
    protocol: '-1',
    fromPort: -1,
    toPort: -1,
    cidr: '0.0.0.0/0',
    description: undefined,
  };
}
