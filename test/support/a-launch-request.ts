import type { InstanceMetadata, LaunchRequest } from '../../src/sandbox/machine/instance-driver.js';

/** What the API side asks of the driver, with an address that no sandbox gives out. */
export function aLaunchRequest(changes: Partial<LaunchRequest> = {}): LaunchRequest {
  const instanceId = changes.instanceId ?? 'i-0123456789abcdef0';
  const publicIp = changes.publicIp ?? '127.199.0.7';
  return {
    instanceId,
    instanceType: 't3.medium',
    architecture: 'x86_64',
    baseImage: '/nowhere/base.qcow2',
    rootVolumeSizeGib: 8,
    rootVolumeId: 'vol-0123456789abcdef0',
    privateIp: '172.31.5.7',
    publicIp,
    sshPort: 22_022,
    metadata: someMetadata({ instanceId, publicIp }),
    ...changes,
  };
}

export function someMetadata(changes: Partial<InstanceMetadata> = {}): InstanceMetadata {
  return {
    imageId: 'ami-0123456789abcdef0',
    instanceId: 'i-0123456789abcdef0',
    instanceType: 't3.medium',
    region: 'eu-central-1',
    availabilityZone: 'eu-central-1a',
    accountId: '123456789012',
    macAddress: '0a:ff:00:00:00:07',
    privateIp: '172.31.5.7',
    publicIp: '127.199.0.7',
    securityGroups: ['default', 'web'],
    launchTime: '2026-11-22T09:00:00Z',
    ...changes,
  };
}
