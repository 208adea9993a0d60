import { getDefaultVpc } from '../world/regions.js';
import type { RequestContext } from '../world/services.js';
import { type ConditionKeys, type NamedAccess, type ServiceCall, tagKeys } from './access.js';
import { readStructure, readStructures, readText, readTexts } from './read-input.js';

type Input = ServiceCall['input'];

/** Kinds that an operation makes; each is asked for with the tags that it is to have. */
const MADE: Readonly<Record<string, readonly string[]>> = {
  RunInstances: ['instance', 'volume', 'network-interface'],
  CreateImage: ['image', 'snapshot'],
  CopyImage: ['image', 'snapshot'],
  RegisterImage: ['image'],
  CreateSecurityGroup: ['security-group'],
};

/** Members by which operations name what exists, and key pairs, which are named before they do. */
const NAMED: Readonly<Record<string, string>> = {
  ImageId: 'image',
  InstanceId: 'instance',
  InstanceIds: 'instance',
  SnapshotId: 'snapshot',
  VolumeId: 'volume',
  KeyName: 'key-pair',
  GroupId: 'security-group',
  SecurityGroupIds: 'security-group',
  SubnetId: 'subnet',
  VpcId: 'vpc',
};

/** Where the ARN names no account. */
const ACCOUNTLESS = ['image', 'snapshot'];

/** EC2 narrows no Describe and no Get to resources, but these. */
const NARROWED_READS = ['GetConsoleOutput'];

export function listEc2Accesses({ operation, input }: ServiceCall, context: RequestContext): readonly NamedAccess[] {
  const isRead = /^(?:Describe|Get|List)/.test(operation) && !NARROWED_READS.includes(operation);
  if (isRead) return [{ resource: '*', keys: {} }];
  const found = [
    ...listNamed(operation, input, context),
    ...listMade(operation, input, context),
    ...(operation === 'RunInstances' ? listLaunchSurroundings(input, context) : []),
    ...(operation === 'CreateSecurityGroup' && readText(input, 'VpcId') === undefined
      ? [{ resource: arn('vpc', getDefaultVpc(context.region).id, context), keys: {} }]
      : []),
  ];
  return found.length === 0 ? [{ resource: '*', keys: {} }] : found;
}

function listNamed(operation: string, input: Input, context: RequestContext): readonly NamedAccess[] {
  const requested = operation === 'CreateTags' ? requestKeys(readStructures(input, 'Tags')) : {};
  const tagged = readTexts(input, 'Resources').map((id) => [kindOfId(id), id] as const);
  const named = Object.entries(NAMED).flatMap(([member, kind]) =>
    readTexts(input, member).map((id) => [kind, id] as const),
  );
  return [...tagged, ...named].map(([kind, id]) => ({
    resource: arn(kind, id, context),
    keys: { ...describeKeys(kind, id, context), ...requested },
  }));
}

function listMade(operation: string, input: Input, context: RequestContext): readonly NamedAccess[] {
  const specifications = readStructures(input, 'TagSpecifications');
  const made = (MADE[operation] ?? []).map((kind) => {
    const tags = specifications
      .filter((each) => each['ResourceType'] === kind)
      .flatMap((each) => readStructures(each, 'Tags'));
    const launch = operation === 'RunInstances' && kind === 'instance' ? launchKeys(input) : {};
    return { resource: arn(kind, '*', context), keys: { ...requestKeys(tags), ...launch } };
  });
  const tagging = specifications.map((each) => ({
    action: 'ec2:CreateTags',
    resource: arn(String(each['ResourceType']), readText(input, 'KeyName') ?? '*', context),
    keys: { ...requestKeys(readStructures(each, 'Tags')), 'ec2:CreateAction': operation },
  }));
  return [...made, ...tagging];
}

function launchKeys(input: Input): ConditionKeys {
  return {
    'ec2:InstanceType': readText(input, 'InstanceType') ?? 'm1.small',
    'ec2:MetadataHttpTokens': readText(readStructure(input, 'MetadataOptions'), 'HttpTokens') ?? 'optional',
  };
}

/** What a launch takes beside what it names: a subnet, a group, and the role of the profile. */
function listLaunchSurroundings(input: Input, context: RequestContext): readonly NamedAccess[] {
  const { region, accountId, world } = context;
  const [network = {}] = readStructures(input, 'NetworkInterfaces');
  const [defaultSubnet] = getDefaultVpc(region).subnets;
  const subnet = readText(network, 'SubnetId') ?? defaultSubnet?.id ?? '*';
  const groups = readTexts(network, 'Groups');
  const profile = readText(readStructure(input, 'IamInstanceProfile'), 'Name');
  return [
    ...(readText(input, 'SubnetId') === undefined ? [{ resource: arn('subnet', subnet, context), keys: {} }] : []),
    ...(readTexts(input, 'SecurityGroupIds').length === 0
      ? (groups.length === 0 ? ['sg-default'] : groups).map((id) => ({
          resource: arn('security-group', id, context),
          keys: describeKeys('security-group', id, context),
        }))
      : []),
    ...(profile === undefined
      ? []
      : [
          {
            action: 'iam:PassRole',
            // A profile that nobody made here is taken to hold the role of its name.
            resource: `arn:aws:iam::${accountId}:role/${world.instanceProfiles.find(profile)?.roleName ?? profile}`,
            keys: { 'iam:PassedToService': 'ec2.amazonaws.com' },
          },
        ]),
  ];
}

function describeKeys(kind: string, id: string, { world, accountId }: RequestContext): ConditionKeys {
  const found = {
    image: world.images.find(id),
    instance: world.instances.find(id),
    snapshot: world.snapshots.find(id),
    volume: world.volumes.find(id),
    'security-group': world.securityGroups.find(id),
    'key-pair': world.keyPairs.list().find(({ name }) => name === id),
  }[kind];
  const owner = found !== undefined && 'ownerId' in found ? found.ownerId : accountId;
  return { ...tagKeys(['aws:ResourceTag', 'ec2:ResourceTag'], found?.tags), 'ec2:Owner': owner };
}

function requestKeys(tags: readonly Input[]): ConditionKeys {
  const named = tags.map((tag) => [readText(tag, 'Key') ?? '', readText(tag, 'Value') ?? ''] as const);
  if (named.length === 0) return {};
  return { ...tagKeys(['aws:RequestTag'], Object.fromEntries(named)), 'aws:TagKeys': named.map(([key]) => key) };
}

function kindOfId(id: string): string {
  return KINDS[id.split('-')[0] ?? ''] ?? 'unknown';
}

const KINDS: Readonly<Record<string, string>> = {
  ami: 'image',
  i: 'instance',
  snap: 'snapshot',
  vol: 'volume',
  key: 'key-pair',
  sg: 'security-group',
  eni: 'network-interface',
};

function arn(kind: string, id: string, { region, accountId }: RequestContext): string {
  return `arn:aws:ec2:${region}:${ACCOUNTLESS.includes(kind) ? '' : accountId}:${kind}/${id}`;
}
