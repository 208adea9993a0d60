import { isIPv4, isIPv6 } from 'node:net';
import type { IpPermission, SecurityGroupRule } from '@aws-sdk/client-ec2';
import { AwsError } from '../wire/aws-error.js';
import type { IngressRule } from '../world/records.js';

interface RuleRequest {
  readonly IpPermissions?: readonly IpPermission[] | undefined;
  readonly IpProtocol?: string | undefined;
  readonly FromPort?: number | undefined;
  readonly ToPort?: number | undefined;
  readonly CidrIp?: string | undefined;
}

export type RequestedRule = Omit<IngressRule, 'id' | 'isEgress'>;

const PROTOCOL_NAMES: Readonly<Record<string, string>> = { '6': 'tcp', '17': 'udp', '1': 'icmp', all: '-1' };

/**
 * Reads a request's rules, one per address range, from either of its two forms.
 *
 * @throws AwsError InvalidParameterValue for an address range or port that is none
 */
export function readRules(request: RuleRequest): readonly RequestedRule[] {
  const single: IpPermission = { ...request, IpRanges: [{ CidrIp: request.CidrIp }] };
  const permissions = request.IpPermissions ?? (request.IpProtocol === undefined ? [] : [single]);
  if (permissions.length === 0)
    throw new AwsError('MissingParameter', 'Either ipPermissions or ipProtocol must be specified');
  return permissions.flatMap(readPermission);
}

/** Whether two rules open the same thing to the same peer; EC2 refuses the second. */
export function isSameRule(one: IngressRule, other: IngressRule): boolean {
  return (
    one.isEgress === other.isEgress &&
    one.protocol === other.protocol &&
    one.fromPort === other.fromPort &&
    one.toPort === other.toPort &&
    one.cidr === other.cidr
  );
}

/** Rules as DescribeSecurityGroups shows them: grouped by protocol and ports. */
export function viewPermissions(rules: readonly IngressRule[]): IpPermission[] {
  const groups = new Map<string, readonly IngressRule[]>();
  for (const rule of rules) {
    const key = `${rule.protocol} ${rule.fromPort} ${rule.toPort}`;
    groups.set(key, [...(groups.get(key) ?? []), rule]);
  }
  return [...groups.values()].map((group) => ({
    IpProtocol: group[0]?.protocol,
    ...(group[0]?.protocol === '-1' ? {} : { FromPort: group[0]?.fromPort, ToPort: group[0]?.toPort }),
    IpRanges: group
      .filter((rule) => !rule.cidr.includes(':'))
      .map((rule) => ({ CidrIp: rule.cidr, Description: rule.description })),
    Ipv6Ranges: group
      .filter((rule) => rule.cidr.includes(':'))
      .map((rule) => ({ CidrIpv6: rule.cidr, Description: rule.description })),
    PrefixListIds: [],
    UserIdGroupPairs: [],
  }));
}

export function viewRule(rule: IngressRule, groupId: string, ownerId: string): SecurityGroupRule {
  return {
    SecurityGroupRuleId: rule.id,
    GroupId: groupId,
    GroupOwnerId: ownerId,
    IsEgress: rule.isEgress,
    IpProtocol: rule.protocol,
    FromPort: rule.fromPort,
    ToPort: rule.toPort,
    ...(rule.cidr.includes(':') ? { CidrIpv6: rule.cidr } : { CidrIpv4: rule.cidr }),
    Description: rule.description,
  };
}

function readPermission(permission: IpPermission): readonly RequestedRule[] {
  const given = permission.IpProtocol ?? '';
  const protocol = PROTOCOL_NAMES[given] ?? given;
  const ports = readPorts(permission, protocol);
  const ranges = [
    ...(permission.IpRanges ?? []).map(({ CidrIp = '', Description }) => ({ cidr: CidrIp, description: Description })),
    ...(permission.Ipv6Ranges ?? []).map(({ CidrIpv6 = '', Description }) => ({
      cidr: CidrIpv6,
      description: Description,
    })),
  ];
  if (ranges.length === 0) throw new AwsError('MissingParameter', 'An address range must be specified');
  return ranges.map(({ cidr, description }) => {
    assertCidr(cidr);
    return { protocol, ...ports, cidr, description };
  });
}

function readPorts({ FromPort, ToPort }: IpPermission, protocol: string): { fromPort: number; toPort: number } {
  if (protocol === '-1') return { fromPort: -1, toPort: -1 };
  if (protocol !== 'tcp' && protocol !== 'udp') return { fromPort: FromPort ?? -1, toPort: ToPort ?? -1 };
  const isValid = [FromPort, ToPort].every((port) => port !== undefined && port >= 0 && port <= 65_535);
  if (!isValid || Number(FromPort) > Number(ToPort)) {
    throw new AwsError('InvalidParameterValue', `Invalid value for portRange: ${FromPort}-${ToPort}`);
  }
  return { fromPort: Number(FromPort), toPort: Number(ToPort) };
}

function assertCidr(cidr: string): void {
  const [address = '', prefix = ''] = cidr.split('/', 2);
  const bits = Number(prefix);
  const isWhole = /^\d{1,3}$/.test(prefix);
  if (isWhole && ((isIPv4(address) && bits <= 32) || (isIPv6(address) && bits <= 128))) return;
  throw new AwsError('InvalidParameterValue', `CIDR block ${cidr} is malformed`);
}
