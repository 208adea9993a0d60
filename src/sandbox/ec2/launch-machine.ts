import type { InstanceRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { findKeyPair } from './key-pair-operations.js';

/**
 * As on AWS, where a host is looked for first: until then there is no guest that anybody could reach. False when the instance is
 * not to be started any more.
 */
export async function waitForHost({ clock, delays, signal, world }: RequestContext, id: string): Promise<boolean> {
  await clock.wait(delays.runningMs, signal);
  return !signal.aborted && world.instances.find(id)?.state === 'pending';
}

/** Has the driver start the machine of a new instance. */
export async function launchMachine(context: RequestContext, instance: InstanceRecord): Promise<void> {
  const { world, network, driver, accountId } = context;
  const keyPair = instance.keyName === undefined ? undefined : findKeyPair(context, instance.keyName);
  await driver.launch({
    instanceId: instance.id,
    instanceType: instance.instanceType,
    architecture: instance.architecture,
    baseImage: instance.baseImage,
    rootVolumeSizeGib: world.volumes.find(instance.volumeId)?.sizeGib ?? 8,
    rootVolumeId: instance.volumeId,
    privateIp: instance.privateIp,
    publicIp: instance.publicIp,
    sshPort: network.sshPort,
    metadata: {
      isTurnedOff: instance.metadataOptions.httpEndpoint === 'disabled',
      imageId: instance.imageId,
      instanceId: instance.id,
      instanceType: instance.instanceType,
      region: instance.region,
      availabilityZone: instance.availabilityZone,
      accountId,
      macAddress: instance.macAddress,
      privateIp: instance.privateIp,
      publicIp: instance.publicIp,
      ...(keyPair === undefined ? {} : { keyName: keyPair.name, publicKey: keyPair.publicKey }),
      ...(instance.userData === undefined
        ? {}
        : { userData: Buffer.from(instance.userData, 'base64').toString('utf8') }),
      securityGroups: instance.securityGroupIds.map((id) => world.securityGroups.find(id)?.name ?? id),
      ...(instance.iamInstanceProfile === undefined ? {} : { iamInstanceProfile: instance.iamInstanceProfile }),
      launchTime: instance.launchedAt,
    },
  });
}
