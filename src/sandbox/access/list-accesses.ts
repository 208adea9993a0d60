// Which permissions a call takes: the action on each resource that it names or makes, with the condition keys that AWS
// would fill in. https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
import type { RequestContext } from '../world/services.js';
import { type Access, type NamedAccess, type ServiceCall, tagKeys } from './access.js';
import { listEc2Accesses } from './ec2-accesses.js';
import { readText, readTexts } from './read-input.js';

/** No permission at all: GetCallerIdentity, which nobody can be denied. */
export function listAccesses(call: ServiceCall, context: RequestContext): readonly Access[] {
  const action = `${call.service}:${call.operation}`;
  if (action === 'sts:GetCallerIdentity') return [];
  const keys = { 'aws:RequestedRegion': context.region, 'aws:PrincipalAccount': context.accountId };
  const resources = listResources(call, context);
  return resources.map((each) => ({ action, ...each, keys: { ...keys, ...each.keys } }));
}

function listResources(call: ServiceCall, context: RequestContext): readonly NamedAccess[] {
  switch (call.service) {
    case 'ec2':
      return listEc2Accesses(call, context);
    case 'ssm':
      return listSsmAccesses(call, context);
    case 'ebs':
      return [snapshotAccess(readText(call.input, 'SnapshotId') ?? '*', context)];
    case 'iam':
      return [{ resource: findIamResource(call, context), keys: {} }];
    case 'elasticbeanstalk':
      return [{ resource: findPlatformResource(call, context), keys: {} }];
    case 'logs':
      return [{ resource: findLogResource(call, context), keys: {} }];
    default:
      return [{ resource: '*', keys: {} }];
  }
}

function listSsmAccesses({ operation, input }: ServiceCall, context: RequestContext): readonly NamedAccess[] {
  const { region, accountId, world } = context;
  if (operation === 'SendCommand') {
    const document = readText(input, 'DocumentName') ?? '';
    const account = document.startsWith('AWS-') ? '' : accountId;
    const instances = readTexts(input, 'InstanceIds').map((id) => ({
      resource: `arn:aws:ec2:${region}:${accountId}:instance/${id}`,
      keys: tagKeys(['ssm:resourceTag', 'aws:ResourceTag'], world.instances.find(id)?.tags),
    }));
    return [{ resource: `arn:aws:ssm:${region}:${account}:document/${document}`, keys: {} }, ...instances];
  }
  const names = [...readTexts(input, 'Name'), ...readTexts(input, 'Names'), ...readTexts(input, 'Path')];
  if (!operation.includes('Parameter') || names.length === 0) return [{ resource: '*', keys: {} }];
  return names.map((name) => {
    const path = name.replace(/^\//, '');
    // A publisher's parameter belongs to no account.
    const account = path.startsWith('aws/') ? '' : accountId;
    return { resource: `arn:aws:ssm:${region}:${account}:parameter/${path}`, keys: {} };
  });
}

function snapshotAccess(id: string, { region, world }: RequestContext): NamedAccess {
  return {
    resource: `arn:aws:ec2:${region}::snapshot/${id}`,
    keys: tagKeys(['aws:ResourceTag'], world.snapshots.find(id)?.tags),
  };
}

function findIamResource({ input }: ServiceCall, { accountId, world }: RequestContext): string {
  const profile = readText(input, 'InstanceProfileName');
  if (profile !== undefined) {
    return `arn:aws:iam::${accountId}:instance-profile${world.instanceProfiles.find(profile)?.path ?? '/'}${profile}`;
  }
  const role = readText(input, 'RoleName');
  return role === undefined ? '*' : `arn:aws:iam::${accountId}:role${world.roles.find(role)?.path ?? '/'}${role}`;
}

function findPlatformResource({ operation, input }: ServiceCall, { region, accountId }: RequestContext): string {
  if (!operation.endsWith('PlatformVersion')) return '*';
  const arn = readText(input, 'PlatformArn');
  const name = readText(input, 'PlatformName') ?? '';
  const version = readText(input, 'PlatformVersion') ?? '';
  return arn ?? `arn:aws:elasticbeanstalk:${region}:${accountId}:platform/${name}/${version}`;
}

function findLogResource({ input }: ServiceCall, { region, accountId }: RequestContext): string {
  const group = readText(input, 'logGroupName');
  const stream = readText(input, 'logStreamName') ?? '';
  return group === undefined ? '*' : `arn:aws:logs:${region}:${accountId}:log-group:${group}:log-stream:${stream}`;
}
