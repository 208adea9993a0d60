import {
  DescribeInstanceInformation$,
  type DescribeInstanceInformationRequest,
  type DescribeInstanceInformationResult,
  type InstanceInformation,
} from '@aws-sdk/client-ssm';
import { cutPage } from '../ec2/pages.js';
import { checked, done } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import type { InstanceRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';

export const managedInstanceOperations = [
  defineOperation(DescribeInstanceInformation$, describeInstanceInformation, {
    InstanceInformationFilterList: { key: checked, valueSet: done },
    Filters: { Key: done, Values: done },
    MaxResults: done,
    NextToken: done,
  }),
];

/**
 * Whether SSM reaches an instance: it has an instance profile, without which the agent may not register, and the agent
 * answers.
 */
export async function isManaged(instance: InstanceRecord, { driver }: RequestContext): Promise<boolean> {
  if (instance.iamInstanceProfile === undefined) return false;
  if (instance.state !== 'pending' && instance.state !== 'running') return false;
  return await driver.pingGuest(instance.id);
}

async function describeInstanceInformation(
  input: DescribeInstanceInformationRequest,
  context: RequestContext,
): Promise<DescribeInstanceInformationResult> {
  const asked = readInstanceIds(input);
  const candidates = context.world.instances
    .list()
    .filter(({ id, region }) => region === context.region && (asked?.includes(id) ?? true));
  const managed: InstanceRecord[] = [];
  for (const instance of candidates) if (await isManaged(instance, context)) managed.push(instance);
  const page = cutPage(managed, input);
  return { InstanceInformationList: page.items.map((each) => viewInstance(each, context)), NextToken: page.NextToken };
}

function readInstanceIds(input: DescribeInstanceInformationRequest): readonly string[] | undefined {
  const filters = [
    ...(input.Filters ?? []).map(({ Key, Values }) => ({ key: Key, values: Values })),
    ...(input.InstanceInformationFilterList ?? []).map(({ key, valueSet }) => ({ key, values: valueSet })),
  ];
  const unknown = filters.find(({ key }) => key !== 'InstanceIds');
  if (unknown !== undefined) {
    throw new AwsError('InvalidFilterKey', `The sandbox has the filter InstanceIds, not ${String(unknown.key)}`);
  }
  return filters.length === 0 ? undefined : filters.flatMap(({ values }) => values ?? []);
}

function viewInstance(instance: InstanceRecord, { clock }: RequestContext): InstanceInformation {
  return {
    InstanceId: instance.id,
    PingStatus: 'Online',
    LastPingDateTime: clock.now(),
    AgentVersion: '3.3.0.0',
    IsLatestVersion: true,
    PlatformType: 'Linux',
    ResourceType: 'EC2Instance',
    IPAddress: instance.privateIp,
    ComputerName: `ip-${instance.privateIp.replaceAll('.', '-')}`,
  };
}
