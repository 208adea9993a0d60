// What a sandbox that was ended in the middle finds when it starts again. Nobody reads packer's output any more, if it has
// outlived a sandbox that was killed, so a build cannot go on: it is Failed, and what packer would have removed is removed here.

import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beginTermination } from '../world/instance-states.js';
import type { InstanceRecord } from '../world/records.js';
import type { EnvironmentRecord } from '../world/service-records.js';
import type { SandboxServices } from '../world/services.js';
import { failPlatform, findBuildFolder, PLATFORM_TAG } from './build-platform.js';
import { deletePlatform } from './delete-platform.js';
import { listEnvironmentInstances } from './environment-instance.js';
import { recordEvent } from './events.js';
import { endPacker } from './run-packer.js';

const REASON = 'the sandbox was ended meanwhile';

/** Brings platform versions and environments to a state in which they can be used or deleted. */
export function takeUpBeanstalkWork(services: SandboxServices): void {
  for (const platform of services.world.platformVersions.list()) {
    const subject = { region: platform.region, requestId: randomUUID(), platformArn: platform.id };
    if (platform.status === 'Creating') {
      // First of all, before it asks the new sandbox for anything.
      if (platform.packer !== undefined) endPacker(platform.packer);
      removeBuildInstance(services, platform.id);
      rmSync(findBuildFolder(services, platform), { recursive: true, force: true });
      failPlatform(services, platform, { reason: `The build could not go on: ${REASON}.`, subject });
    } else if (platform.status === 'Deleting') {
      services.runJob(`delete ${platform.id}`, () => deletePlatform(services, platform, subject));
    }
  }
  for (const environment of services.world.environments.list()) takeUpEnvironment(services, environment);
}

function removeBuildInstance(services: SandboxServices, platformArn: string): void {
  const { world } = services;
  for (const instance of world.instances.list()) {
    if (instance.tags[PLATFORM_TAG] !== platformArn || instance.state === 'terminated') continue;
    endInstance(services, instance);
    for (const id of instance.securityGroupIds) {
      if (world.securityGroups.find(id)?.name.startsWith('packer_') === true) world.securityGroups.remove(id);
    }
  }
}

function endInstance(services: SandboxServices, instance: InstanceRecord): void {
  const message = `Client.UserInitiatedShutdown: ${REASON}`;
  if (instance.state !== 'shutting-down') {
    beginTermination(services, instance, { code: 'Client.UserInitiatedShutdown', message });
  }
  removeKeyPair(services, instance.region, instance.keyName);
}

function removeKeyPair({ world }: SandboxServices, region: string, keyName: string | undefined): void {
  const keyPair = world.keyPairs.list().find((each) => each.name === keyName && each.region === region);
  if (keyPair !== undefined) world.keyPairs.remove(keyPair.id);
}

function takeUpEnvironment(services: SandboxServices, environment: EnvironmentRecord): void {
  const { world } = services;
  const { id, region, application, name, status, instanceId } = environment;
  if (status === 'Terminated') return;
  const state = world.instances.find(instanceId ?? '')?.state;
  const isGone = state === undefined || state === 'terminated' || state === 'shutting-down';
  if (isGone || status === 'Terminating') {
    // A launch that did not come as far as to name its instance may have started one all the same.
    for (const instance of listEnvironmentInstances(services, id)) endInstance(services, instance);
    removeKeyPair(services, region, id);
    rmSync(join(services.paths.keysDir, `${id}.key`), { force: true });
    world.environments.update(id, { status: 'Terminated', health: 'Grey', url: undefined });
    return;
  }
  if (status === 'Ready') return;
  const subject = { region, requestId: randomUUID(), applicationName: application, environmentName: name };
  recordEvent(services, subject, { severity: 'ERROR', message: `The update could not go on: ${REASON}.` });
  world.environments.update(id, { status: 'Ready', health: 'Red' });
}
