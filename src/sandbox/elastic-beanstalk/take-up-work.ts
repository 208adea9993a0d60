// What a sandbox that was ended in the middle finds when it starts again. Nobody reads packer's output any more, if it has
// outlived a sandbox that was killed, so a build cannot go on: it is Failed, and what packer would have removed is removed here.

import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { beginTermination } from '../world/instance-states.js';
import type { EnvironmentRecord } from '../world/service-records.js';
import type { SandboxServices } from '../world/services.js';
import { failPlatform, findBuildFolder, PLATFORM_TAG } from './build-platform.js';
import { deletePlatform } from './delete-platform.js';
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
    const message = `Client.UserInitiatedShutdown: ${REASON}`;
    beginTermination(services, instance, { code: 'Client.UserInitiatedShutdown', message });
    const keyPair = world.keyPairs
      .list()
      .find(({ name, region }) => name === instance.keyName && region === instance.region);
    if (keyPair !== undefined) world.keyPairs.remove(keyPair.id);
    for (const id of instance.securityGroupIds) {
      if (world.securityGroups.find(id)?.name.startsWith('packer_') === true) world.securityGroups.remove(id);
    }
  }
}

function takeUpEnvironment(services: SandboxServices, environment: EnvironmentRecord): void {
  const { world } = services;
  const { id, region, application, name, status, instanceId } = environment;
  if (status === 'Terminated') return;
  const state = world.instances.find(instanceId ?? '')?.state;
  if (state === undefined || state === 'terminated' || state === 'shutting-down') {
    world.environments.update(id, { status: 'Terminated', health: 'Grey', url: undefined });
    return;
  }
  if (status === 'Ready') return;
  const subject = { region, requestId: randomUUID(), applicationName: application, environmentName: name };
  recordEvent(services, subject, { severity: 'ERROR', message: `The update could not go on: ${REASON}.` });
  world.environments.update(id, { status: 'Ready', health: 'Red' });
}
