import {
  DescribeAvailabilityZones$,
  type DescribeAvailabilityZonesRequest,
  type DescribeAvailabilityZonesResult,
  DescribeRegions$,
  type DescribeRegionsRequest,
  type DescribeRegionsResult,
  DescribeSubnets$,
  type DescribeSubnetsRequest,
  type DescribeSubnetsResult,
  DescribeVpcs$,
  type DescribeVpcsRequest,
  type DescribeVpcsResult,
} from '@aws-sdk/client-ec2';
import { done, withoutEffect } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import { getDefaultVpc, REGIONS } from '../world/regions.js';
import type { RequestContext } from '../world/services.js';
import { applyFilters } from './filters.js';
import { LISTED } from './members.js';
import { cutPage } from './pages.js';

export const networkOperations = [
  defineOperation(DescribeRegions$, describeRegions, {
    RegionNames: done,
    Filters: done,
    AllRegions: withoutEffect('every region is enabled'),
  }),
  defineOperation(DescribeAvailabilityZones$, describeAvailabilityZones, {
    ZoneNames: done,
    ZoneIds: done,
    Filters: done,
    AllAvailabilityZones: withoutEffect('every zone is enabled'),
  }),
  defineOperation(DescribeVpcs$, describeVpcs, { ...LISTED, VpcIds: done }),
  defineOperation(DescribeSubnets$, describeSubnets, { ...LISTED, SubnetIds: done }),
];

// 1,024 addresses less the five that AWS keeps.
const SUBNET_ADDRESSES = 1019;

function describeRegions(
  { RegionNames, Filters }: DescribeRegionsRequest,
  _context: RequestContext,
): DescribeRegionsResult {
  for (const name of RegionNames ?? []) {
    if (!REGIONS.includes(name)) throw new AwsError('InvalidParameterValue', `Invalid region provided: ${name}`);
  }
  const regions = REGIONS.filter((name) => RegionNames === undefined || RegionNames.includes(name)).map((name) => ({
    name,
    endpoint: `ec2.${name}.amazonaws.com`,
  }));
  const matching = applyFilters(regions, Filters, {
    'region-name': ({ name }) => [name],
    endpoint: ({ endpoint }) => [endpoint],
    'opt-in-status': () => ['opt-in-not-required'],
  });
  return {
    Regions: matching.map(({ name, endpoint }) => ({
      RegionName: name,
      Endpoint: endpoint,
      OptInStatus: 'opt-in-not-required',
    })),
  };
}

function describeAvailabilityZones(
  { ZoneNames, ZoneIds, Filters }: DescribeAvailabilityZonesRequest,
  { region }: RequestContext,
): DescribeAvailabilityZonesResult {
  const { subnets } = getDefaultVpc(region);
  for (const name of ZoneNames ?? []) {
    if (!subnets.some((subnet) => subnet.availabilityZone === name)) {
      throw new AwsError('InvalidParameterValue', `Invalid availability zone: [${name}]`);
    }
  }
  const unknown = ZoneIds?.find((id) => !subnets.some(({ availabilityZoneId }) => availabilityZoneId === id));
  if (unknown !== undefined) throw new AwsError('InvalidParameterValue', `Invalid availability zone-id: [${unknown}]`);
  const chosen = subnets.filter(
    ({ availabilityZone, availabilityZoneId }) =>
      (ZoneNames?.includes(availabilityZone) ?? true) && (ZoneIds?.includes(availabilityZoneId) ?? true),
  );
  const matching = applyFilters(
    chosen.map((zone) => ({ zone })),
    Filters,
    {
      'zone-name': ({ zone }) => [zone.availabilityZone],
      'zone-id': ({ zone }) => [zone.availabilityZoneId],
      'region-name': () => [region],
      'zone-type': () => ['availability-zone'],
      'opt-in-status': () => ['opt-in-not-required'],
      state: () => ['available'],
    },
  );
  return {
    AvailabilityZones: matching.map(({ zone }) => ({
      ZoneName: zone.availabilityZone,
      ZoneId: zone.availabilityZoneId,
      RegionName: region,
      State: 'available',
      OptInStatus: 'opt-in-not-required',
      ZoneType: 'availability-zone',
      GroupName: region,
      NetworkBorderGroup: region,
      Messages: [],
    })),
  };
}

function describeVpcs(input: DescribeVpcsRequest, { region, accountId }: RequestContext): DescribeVpcsResult {
  const vpc = getDefaultVpc(region);
  for (const id of input.VpcIds ?? []) {
    if (id !== vpc.id) throw new AwsError('InvalidVpcID.NotFound', `The vpc ID '${id}' does not exist`);
  }
  const matching = applyFilters([{ ...vpc, tags: {} }], input.Filters, {
    'vpc-id': ({ id }) => [id],
    cidr: ({ cidr }) => [cidr],
    'is-default': () => ['true'],
    isDefault: () => ['true'],
    'owner-id': () => [accountId],
    state: () => ['available'],
  });
  const page = cutPage(matching, input);
  return {
    NextToken: page.NextToken,
    Vpcs: page.items.map(({ id, cidr }) => ({
      VpcId: id,
      CidrBlock: cidr,
      State: 'available',
      IsDefault: true,
      OwnerId: accountId,
      InstanceTenancy: 'default',
      DhcpOptionsId: 'dopt-00000000000000000',
      Tags: [],
    })),
  };
}

function describeSubnets(input: DescribeSubnetsRequest, context: RequestContext): DescribeSubnetsResult {
  const { region, accountId } = context;
  const vpc = getDefaultVpc(region);
  for (const id of input.SubnetIds ?? []) {
    if (!vpc.subnets.some((subnet) => subnet.id === id)) {
      throw new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`);
    }
  }
  const subnets = vpc.subnets
    .filter(({ id }) => input.SubnetIds?.includes(id) ?? true)
    .map((subnet) => ({ ...subnet, tags: {}, free: countFreeAddresses(context, subnet.id) }));
  const matching = applyFilters(subnets, input.Filters, {
    'subnet-id': ({ id }) => [id],
    'vpc-id': () => [vpc.id],
    'availability-zone': ({ availabilityZone }) => [availabilityZone],
    availabilityZone: ({ availabilityZone }) => [availabilityZone],
    'availability-zone-id': ({ availabilityZoneId }) => [availabilityZoneId],
    'available-ip-address-count': ({ free }) => [String(free)],
    cidr: ({ cidr }) => [cidr],
    'cidr-block': ({ cidr }) => [cidr],
    'default-for-az': () => ['true'],
    defaultForAz: () => ['true'],
    'map-public-ip-on-launch': () => ['true'],
    'owner-id': () => [accountId],
    state: () => ['available'],
  });
  const page = cutPage(matching, input);
  return {
    NextToken: page.NextToken,
    Subnets: page.items.map((subnet) => ({
      SubnetId: subnet.id,
      SubnetArn: `arn:aws:ec2:${region}:${accountId}:subnet/${subnet.id}`,
      VpcId: vpc.id,
      CidrBlock: subnet.cidr,
      AvailabilityZone: subnet.availabilityZone,
      AvailabilityZoneId: subnet.availabilityZoneId,
      AvailableIpAddressCount: subnet.free,
      DefaultForAz: true,
      MapPublicIpOnLaunch: true,
      AssignIpv6AddressOnCreation: false,
      OwnerId: accountId,
      State: 'available',
      Ipv6CidrBlockAssociationSet: [],
      Tags: [],
    })),
  };
}

function countFreeAddresses({ world }: RequestContext, subnetId: string): number {
  const used = world.all.instances
    .list()
    .filter((instance) => instance.subnetId === subnetId && instance.state !== 'terminated');
  return SUBNET_ADDRESSES - used.length;
}
