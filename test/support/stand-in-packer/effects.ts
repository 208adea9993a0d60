// What packer does in EC2 when it says a sentence. The modern plugin tags all that it makes, 1.6.6 the instance and its volumes.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateImageCommand,
  CreateKeyPairCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DeleteKeyPairCommand,
  DeleteSecurityGroupCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  type EC2Client,
  ModifyImageAttributeCommand,
  type ResourceType,
  RunInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { StandInTemplate } from './template.js';

export interface EffectScope {
  readonly ec2: EC2Client;
  readonly builder: StandInTemplate['builder'];
  readonly isModern: boolean;
  /** Ends a wait; what it throws is what packer fails with. */
  readonly assertGoingOn: () => void;
  /** What stands in the transcript → what stands for it in this build. */
  readonly names: Map<string, string>;
  readonly made: { keyName?: string; groupId?: string; instanceId?: string; imageId?: string };
}

export interface Effect {
  readonly pattern: RegExp;
  /** Before the line is said: gives the name that it says. */
  readonly name?: (scope: EffectScope) => string;
  /** After the line was said. */
  readonly act?: (scope: EffectScope) => Promise<void>;
}

const POLL_MS = 20;

export const EFFECTS: readonly Effect[] = [
  {
    pattern: /Creating temporary keypair: (packer_[\w-]+)/,
    name: ({ builder, made }) => (made.keyName = builder.temporary_key_pair_name ?? `packer_${randomUUID()}`),
    async act({ ec2, made, ...scope }) {
      const tags = scope.isModern ? { TagSpecifications: [tag(scope.builder, 'key-pair')] } : {};
      await ec2.send(new CreateKeyPairCommand({ KeyName: made.keyName, ...tags }));
    },
  },
  {
    pattern: /Creating temporary security group for this instance: (packer_[\w-]+)/,
    name: () => `packer_${randomUUID()}`,
    async act({ ec2, made, names, ...scope }) {
      const tags = scope.isModern ? { TagSpecifications: [tag(scope.builder, 'security-group')] } : {};
      const GroupName = [...names.values()].at(-1);
      const group = { GroupName, Description: 'Temporary group for Packer' };
      const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ ...group, ...tags }));
      if (GroupId !== undefined) made.groupId = GroupId;
    },
  },
  {
    pattern: /Authorizing access to port/,
    async act({ ec2, made }) {
      const rule = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '127.0.0.1/32' }] };
      await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: made.groupId, IpPermissions: [rule] }));
    },
  },
  { pattern: /Launching a source AWS instance/, act: launch },
  { pattern: /Instance ID: (i-\w+)/, name: ({ made }) => made.instanceId ?? '' },
  { pattern: /Waiting for instance \(/, act: (scope) => waitForState(scope, 'running') },
  {
    pattern: /: Stopping instance$/,
    act: async ({ ec2, made }) =>
      void (await ec2.send(new StopInstancesCommand({ InstanceIds: [made.instanceId ?? ''] }))),
  },
  { pattern: /Waiting for the instance to stop/, act: (scope) => waitForState(scope, 'stopped') },
  { pattern: /Creating AMI (\S+) from instance/, name: ({ builder }) => builder.ami_name, act: capture },
  { pattern: /: AMI: (ami-\w+)/, name: ({ made }) => made.imageId ?? '' },
  { pattern: /Waiting for AMI to become ready/, act: waitForImage },
  {
    pattern: /Modifying: imds_support/,
    async act({ ec2, made }) {
      await ec2.send(new ModifyImageAttributeCommand({ ImageId: made.imageId, ImdsSupport: { Value: 'v2.0' } }));
    },
  },
  { pattern: /Tagging snapshot: (snap-\w+)/, act: tagImage },
  { pattern: /Terminating the source AWS instance/, act: terminate },
  { pattern: /Deleting temporary security group/, act: deleteGroup },
  {
    pattern: /Deleting temporary keypair/,
    act: async ({ ec2, made }) => void (await ec2.send(new DeleteKeyPairCommand({ KeyName: made.keyName }))),
  },
];

async function launch({ ec2, builder, made }: EffectScope): Promise<void> {
  const { Instances = [] } = await ec2.send(
    new RunInstancesCommand({
      ImageId: builder.source_ami ?? (await findSource(ec2, builder)),
      InstanceType: builder.instance_type as 'c7i.large',
      MinCount: 1,
      MaxCount: 1,
      KeyName: made.keyName,
      SecurityGroupIds: [made.groupId ?? ''],
      TagSpecifications: [tag(builder, 'instance'), tag(builder, 'volume')],
    }),
  );
  const id = Instances[0]?.InstanceId;
  if (id !== undefined) made.instanceId = id;
}

async function findSource(ec2: EC2Client, { source_ami_filter }: EffectScope['builder']): Promise<string> {
  const { filters = {}, owners = [] } = source_ami_filter ?? {};
  const Filters = Object.entries(filters).map(([Name, value]) => ({ Name, Values: value.split(',') }));
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: [...owners], Filters }));
  return Images[0]?.ImageId ?? 'ami-00000000000000000';
}

async function capture({ ec2, builder, isModern, made }: EffectScope): Promise<void> {
  const tags = isModern ? { TagSpecifications: [tag(builder, 'image'), tag(builder, 'snapshot')] } : {};
  const { ImageId } = await ec2.send(
    new CreateImageCommand({ InstanceId: made.instanceId, Name: builder.ami_name, ...tags }),
  );
  if (ImageId !== undefined) made.imageId = ImageId;
}

async function waitForImage(scope: EffectScope): Promise<void> {
  const { made } = scope;
  for (;;) {
    const state = (await describeImage(scope))?.State;
    if (state === 'available') return;
    if (state === 'failed' || state === undefined) throw new Error(`Error waiting for AMI ${made.imageId}: ${state}`);
    await pause(scope);
  }
}

async function describeImage({ ec2, made }: EffectScope) {
  return (await ec2.send(new DescribeImagesCommand({ ImageIds: [made.imageId ?? ''] }))).Images?.[0];
}

async function tagImage(scope: EffectScope): Promise<void> {
  const { ec2, builder, made } = scope;
  const image = await describeImage(scope);
  const snapshots = (image?.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []);
  const Tags = Object.entries(builder.tags).map(([Key, Value]) => ({ Key, Value }));
  await ec2.send(new CreateTagsCommand({ Resources: [made.imageId ?? '', ...snapshots], Tags }));
}

async function terminate(scope: EffectScope): Promise<void> {
  const { ec2, made } = scope;
  if (made.instanceId === undefined) return;
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [made.instanceId] }));
  await waitForState({ ...scope, assertGoingOn: () => undefined }, 'terminated');
}

async function deleteGroup({ ec2, made }: EffectScope): Promise<void> {
  if (made.groupId !== undefined) await ec2.send(new DeleteSecurityGroupCommand({ GroupId: made.groupId }));
}

async function waitForState(scope: EffectScope, wanted: string): Promise<void> {
  const { ec2, made } = scope;
  for (;;) {
    const answer = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [made.instanceId ?? ''] }));
    const state = answer.Reservations?.[0]?.Instances?.[0]?.State?.Name;
    if (state === wanted) return;
    if (state === 'terminated') throw new Error(`Error waiting for instance (${made.instanceId}): it is terminated`);
    await pause(scope);
  }
}

async function pause({ assertGoingOn }: EffectScope): Promise<void> {
  assertGoingOn();
  await sleep(POLL_MS);
  assertGoingOn();
}

function tag({ run_tags }: StandInTemplate['builder'], type: ResourceType) {
  return { ResourceType: type, Tags: Object.entries(run_tags).map(([Key, Value]) => ({ Key, Value })) };
}
