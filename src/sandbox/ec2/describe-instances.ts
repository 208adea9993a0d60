import {
  DescribeInstanceStatus$,
  type DescribeInstanceStatusRequest,
  type DescribeInstanceStatusResult,
  DescribeInstances$,
  type DescribeInstancesRequest,
  type DescribeInstancesResult,
  DescribeInstanceTypes$,
  type DescribeInstanceTypesRequest,
  type DescribeInstanceTypesResult,
} from '@aws-sdk/client-ec2';
import { checked, done, withoutEffect } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import type { InstanceRecord } from '../world/records.js';
import { getDefaultVpc } from '../world/regions.js';
import type { RequestContext } from '../world/services.js';
import { applyFilters, type FilterFields } from './filters.js';
import { findInstanceType } from './instance-types.js';
import { viewReservation, viewState } from './instance-view.js';
import { answerWaiter } from './long-poll.js';
import { LISTED, NO_MANAGED_RESOURCES } from './members.js';
import { assertNotBothIdsAndPageSize, cutPage } from './pages.js';
import { getInstance } from './requests.js';
import { isSeenInstance } from './visibility.js';

export const describeInstanceOperations = [
  defineOperation(
    DescribeInstances$,
    (input: DescribeInstancesRequest, context: RequestContext) =>
      answerWaiter(context, () => describeInstances(input, context), {
        isMoving: isAnyMoving,
        isBooting: isAnyBooting,
      }),
    { ...LISTED, InstanceIds: done, IncludeManagedResources: NO_MANAGED_RESOURCES },
  ),
  defineOperation(
    DescribeInstanceStatus$,
    (input: DescribeInstanceStatusRequest, context: RequestContext) =>
      answerWaiter(context, () => describeInstanceStatus(input, context), {
        isMoving: ({ InstanceStatuses = [] }) => InstanceStatuses.length === 0,
      }),
    { ...LISTED, InstanceIds: done, IncludeAllInstances: done, IncludeManagedResources: NO_MANAGED_RESOURCES },
  ),
  defineOperation(DescribeInstanceTypes$, describeInstanceTypes, {
    ...LISTED,
    InstanceTypes: checked,
    IncludeUnsupportedInRegion: withoutEffect('the types of all regions are the same'),
  }),
];

// EC2 shows a terminated instance for about an hour.
const TERMINATED_SHOWN_MS = 60 * 60_000;
const SETTLED: readonly (string | undefined)[] = ['running', 'stopped', 'terminated'];

const FIELDS: FilterFields<InstanceRecord> = {
  'instance-id': ({ id }) => [id],
  'image-id': ({ imageId }) => [imageId],
  'instance-type': ({ instanceType }) => [instanceType],
  'instance-state-name': ({ state }) => [state],
  'instance-state-code': ({ state }) => [String(viewState(state).Code)],
  'client-token': ({ clientToken }) => [clientToken],
  'key-name': ({ keyName }) => [keyName],
  'availability-zone': ({ availabilityZone }) => [availabilityZone],
  'ip-address': ({ publicIp }) => [publicIp],
  'private-ip-address': ({ privateIp }) => [privateIp],
  'reservation-id': ({ reservationId }) => [reservationId],
  'subnet-id': ({ subnetId }) => [subnetId],
  'vpc-id': ({ region }) => [getDefaultVpc(region).id],
  'instance.group-id': ({ securityGroupIds }) => securityGroupIds,
  'block-device-mapping.volume-id': ({ volumeId }) => [volumeId],
  'instance-lifecycle': ({ spotRequestId }) => [spotRequestId === undefined ? undefined : 'spot'],
  'spot-instance-request-id': ({ spotRequestId }) => [spotRequestId],
  architecture: ({ architecture }) => [architecture],
  'root-device-type': () => ['ebs'],
};

function describeInstances(input: DescribeInstancesRequest, context: RequestContext): DescribeInstancesResult {
  assertNotBothIdsAndPageSize(input.InstanceIds, input);
  const page = cutPage(applyFilters(selectInstances(input, context), input.Filters, FIELDS), input);
  const reservations = new Map<string, readonly InstanceRecord[]>();
  for (const instance of page.items) {
    reservations.set(instance.reservationId, [...(reservations.get(instance.reservationId) ?? []), instance]);
  }
  return {
    NextToken: page.NextToken,
    Reservations: [...reservations.values()].map((instances) => viewReservation(context, instances)),
  };
}

/** No filter by id, as on AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceStatus.html */
const STATUS_FIELDS: FilterFields<InstanceRecord> = {
  'availability-zone': ({ availabilityZone }) => [availabilityZone],
  'instance-state-name': ({ state }) => [state],
  'instance-status.status': ({ state }) => [viewStatus(state)],
  'system-status.status': ({ state }) => [viewStatus(state)],
};

function viewStatus(state: InstanceRecord['state']): 'ok' | 'not-applicable' {
  return state === 'running' ? 'ok' : 'not-applicable';
}

function isAnyMoving(result: DescribeInstancesResult): boolean {
  return listStates(result).some((state) => !SETTLED.includes(state));
}

function isAnyBooting(result: DescribeInstancesResult): boolean {
  return listStates(result).includes('pending');
}

function listStates({ Reservations = [] }: DescribeInstancesResult): readonly (string | undefined)[] {
  return Reservations.flatMap(({ Instances = [] }) => Instances).map(({ State }) => State?.Name);
}

function describeInstanceStatus(
  input: DescribeInstanceStatusRequest,
  context: RequestContext,
): DescribeInstanceStatusResult {
  assertNotBothIdsAndPageSize(input.InstanceIds, input);
  const instances = selectInstances(input, context).filter(
    ({ state }) => input.IncludeAllInstances === true || state === 'running',
  );
  const page = cutPage(applyFilters(instances, input.Filters, STATUS_FIELDS), input);
  return {
    NextToken: page.NextToken,
    InstanceStatuses: page.items.map((instance) => {
      const status = viewStatus(instance.state);
      return {
        InstanceId: instance.id,
        AvailabilityZone: instance.availabilityZone,
        InstanceState: viewState(instance.state),
        InstanceStatus: { Status: status, Details: [] },
        SystemStatus: { Status: status, Details: [] },
        Events: [],
      };
    }),
  };
}

function describeInstanceTypes(
  input: DescribeInstanceTypesRequest,
  _context: RequestContext,
): DescribeInstanceTypesResult {
  const names = input.InstanceTypes ?? [
    't3.micro',
    't3.small',
    't3.medium',
    'c7i.large',
    'm7i.large',
    't4g.micro',
    'm7g.large',
  ];
  const types = names.map((name) => {
    const type = findInstanceType(name);
    if (type === undefined)
      throw new AwsError('InvalidInstanceType', `The following supplied instance types do not exist: [${name}]`);
    return type;
  });
  const matching = applyFilters(types, input.Filters, {
    'instance-type': ({ name }) => [name],
    'processor-info.supported-architecture': ({ architecture }) => [architecture],
    'burstable-performance-supported': ({ isBurstable }) => [String(isBurstable)],
  });
  const page = cutPage(matching, input);
  return {
    NextToken: page.NextToken,
    InstanceTypes: page.items.map((type) => ({
      InstanceType: type.name as NonNullable<DescribeInstanceTypesRequest['InstanceTypes']>[number],
      CurrentGeneration: true,
      BareMetal: false,
      BurstablePerformanceSupported: type.isBurstable,
      ProcessorInfo: { SupportedArchitectures: [type.architecture] },
      VCpuInfo: { DefaultVCpus: type.vcpus },
      MemoryInfo: { SizeInMiB: type.memoryMib },
      SupportedRootDeviceTypes: ['ebs'],
      SupportedVirtualizationTypes: ['hvm'],
      SupportedBootModes: type.architecture === 'arm64' ? ['uefi'] : ['legacy-bios', 'uefi'],
    })),
  };
}

function selectInstances(
  { InstanceIds }: { readonly InstanceIds?: readonly string[] | undefined },
  context: RequestContext,
): readonly InstanceRecord[] {
  forgetTerminated(context);
  if (InstanceIds !== undefined) return InstanceIds.map((id) => getInstance(context, id));
  return context.world.instances
    .list()
    .filter((instance) => instance.region === context.region && isSeenInstance(context, instance));
}

function forgetTerminated({ world, clock }: RequestContext): void {
  const oldest = clock.now().getTime() - TERMINATED_SHOWN_MS;
  for (const { id, terminatedAt } of world.instances.list()) {
    if (terminatedAt !== undefined && Date.parse(terminatedAt) < oldest) world.instances.remove(id);
  }
}
