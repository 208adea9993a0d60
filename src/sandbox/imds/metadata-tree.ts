// What an instance's metadata says, as path → text. Paths and values as in the EC2 user guide, "Instance metadata
// categories". Pure.

import type { InstanceMetadata } from '../machine/instance-driver.js';

/** Versions that the service names; each answers the same tree. */
export const METADATA_VERSIONS = ['2009-04-04', '2016-09-02', '2018-09-24', '2021-03-23', 'latest'] as const;

/** The VPC that every sandbox instance is in. */
const VPC_BLOCK = '172.31.0.0/16';
const SUBNET_BLOCK = '172.31.0.0/20';

/** Leaf paths below a version, without a leading slash. */
export function buildMetadataTree(metadata: InstanceMetadata): ReadonlyMap<string, string> {
  const entries: (readonly [string, string | undefined])[] = [
    ...Object.entries(instanceEntries(metadata)).map(([name, value]) => [`meta-data/${name}`, value] as const),
    ...Object.entries(interfaceEntries(metadata)).map(
      ([name, value]) => [`meta-data/network/interfaces/macs/${metadata.macAddress}/${name}`, value] as const,
    ),
    ['dynamic/instance-identity/document', JSON.stringify(identityDocument(metadata), undefined, 2)],
    ['user-data', metadata.userData],
  ];
  return new Map(entries.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
}

function instanceEntries(metadata: InstanceMetadata): Readonly<Record<string, string | undefined>> {
  return {
    'ami-id': metadata.imageId,
    'ami-launch-index': '0',
    'ami-manifest-path': '(unknown)',
    'block-device-mapping/ami': 'xvda',
    'block-device-mapping/root': '/dev/xvda',
    hostname: privateHostName(metadata),
    'iam/info': profileInfo(metadata),
    'instance-action': 'none',
    'instance-id': metadata.instanceId,
    'instance-life-cycle': 'on-demand',
    'instance-type': metadata.instanceType,
    'local-hostname': privateHostName(metadata),
    'local-ipv4': metadata.privateIp,
    mac: metadata.macAddress,
    'placement/availability-zone': metadata.availabilityZone,
    'placement/region': metadata.region,
    'public-hostname': metadata.publicIp,
    'public-ipv4': metadata.publicIp,
    'public-keys/0/openssh-key': metadata.publicKey,
    'reservation-id': `r-${metadata.instanceId.replace(/^i-/, '')}`,
    'security-groups': metadata.securityGroups.join('\n'),
    'services/domain': 'amazonaws.com',
    'services/partition': 'aws',
  };
}

function interfaceEntries(metadata: InstanceMetadata): Readonly<Record<string, string>> {
  return {
    'device-number': '0',
    'interface-id': `eni-${metadata.instanceId.replace(/^i-/, '')}`,
    [`ipv4-associations/${metadata.publicIp}`]: metadata.privateIp,
    'local-hostname': privateHostName(metadata),
    'local-ipv4s': metadata.privateIp,
    mac: metadata.macAddress,
    'owner-id': metadata.accountId,
    'public-ipv4s': metadata.publicIp,
    'security-groups': metadata.securityGroups.join('\n'),
    'subnet-ipv4-cidr-block': SUBNET_BLOCK,
    'vpc-ipv4-cidr-block': VPC_BLOCK,
    'vpc-ipv4-cidr-blocks': VPC_BLOCK,
  };
}

function identityDocument(metadata: InstanceMetadata): Readonly<Record<string, unknown>> {
  return {
    accountId: metadata.accountId,
    architecture: 'x86_64',
    availabilityZone: metadata.availabilityZone,
    imageId: metadata.imageId,
    instanceId: metadata.instanceId,
    instanceType: metadata.instanceType,
    pendingTime: metadata.launchTime,
    privateIp: metadata.privateIp,
    region: metadata.region,
    version: '2017-09-30',
  };
}

function profileInfo(metadata: InstanceMetadata): string | undefined {
  if (metadata.iamInstanceProfile === undefined) return undefined;
  const profile = metadata.iamInstanceProfile;
  const arn = profile.startsWith('arn:') ? profile : `arn:aws:iam::${metadata.accountId}:instance-profile/${profile}`;
  return JSON.stringify({ Code: 'Success', LastUpdated: metadata.launchTime, InstanceProfileArn: arn }, undefined, 2);
}

/** EC2's IP-based name; us-east-1 keeps the older domain. */
function privateHostName(metadata: InstanceMetadata): string {
  const domain = metadata.region === 'us-east-1' ? 'ec2.internal' : `${metadata.region}.compute.internal`;
  return `ip-${metadata.privateIp.replaceAll('.', '-')}.${domain}`;
}
