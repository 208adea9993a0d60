import { deriveId } from './ids.js';

// The regions that an AWS account has without opting in.
// https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
export const REGIONS: readonly string[] = [
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
];

export interface Subnet {
  readonly id: string;
  readonly availabilityZone: string;
  readonly availabilityZoneId: string;
  readonly cidr: string;
  /** Third octet of the subnet's first address. */
  readonly firstOctet: number;
}

export interface DefaultVpc {
  readonly id: string;
  readonly cidr: string;
  readonly subnets: readonly Subnet[];
}

/**
 * A region's default VPC: three zones with a subnet each. The subnets are slices of 172.31.0.0/20, because the guest's
 * network mask is 255.255.240.0 and its gateway, 172.31.0.1, must be on its link.
 */
export function getDefaultVpc(region: string): DefaultVpc {
  return {
    id: `vpc-${deriveId('eni', 'vpc', region).slice(4)}`,
    cidr: '172.31.0.0/16',
    subnets: ['a', 'b', 'c'].map((zone, index) => ({
      id: `subnet-${deriveId('eni', 'subnet', region, zone).slice(4)}`,
      availabilityZone: `${region}${zone}`,
      availabilityZoneId: `${region.replace(/^(..)-(.).*-(\d)$/, '$1$2$3')}-az${index + 1}`,
      cidr: `172.31.${index * 4}.0/22`,
      firstOctet: index * 4,
    })),
  };
}
