// An instance's state follows its machine. EC2 calls change the record to a state in transition and tell the driver; the
// record reaches the settled state only when the driver says so.

import type { MachineState } from '../machine/instance-driver.js';
import { removeUnusedFile } from './disk-files.js';
import { lastAtLeast } from './last-at-least.js';
import type { InstanceRecord, StateReason } from './records.js';
import type { SandboxServices } from './services.js';

/** Follows the driver for as long as the sandbox runs. */
export function followMachines(services: SandboxServices): void {
  services.driver.onStateChange((instanceId, state) => {
    services.runJob(`${instanceId} is ${state}`, () => applyMachineState(services, instanceId, state));
  });
  services.driver.onNotice((instanceId, text) => {
    services.log(`${instanceId}: ${text}`);
    services.runJob(`notice of ${instanceId}`, () => applyNotice(services, instanceId, text));
  });
}

/** Brings records and machines together again after a restart. */
export async function reconcileInstances(services: SandboxServices): Promise<void> {
  for (const instance of services.world.instances.list()) {
    if (instance.state === 'terminated') continue;
    const machine = services.driver.find(instance.id);
    if (instance.state === 'shutting-down') {
      services.runJob(`terminate ${instance.id}`, () => finishTermination(services, instance.id));
    } else if (machine === undefined || machine.state === 'terminated') {
      markTerminated(services, instance.id, {
        code: 'Server.InternalError',
        message: 'Server.InternalError: the machine was gone when the sandbox started again',
      });
    } else if (instance.state === 'stopping' && machine.state === 'running') {
      services.runJob(`stop ${instance.id}`, () => services.driver.stop(instance.id, { force: false }));
    } else {
      await applyMachineState(services, instance.id, machine.state);
    }
  }
  await services.world.commit();
}

/** Moves an instance to `shutting-down` and ends its machine in the background. */
export function beginTermination(services: SandboxServices, instance: InstanceRecord, reason: StateReason): void {
  services.world.instances.update(instance.id, {
    state: 'shutting-down',
    stateReason: reason,
    transitionReason: describeTransition(services, reason),
  });
  services.runJob(`terminate ${instance.id}`, () => finishTermination(services, instance.id));
}

/** EC2's `reason`, for example `User initiated (2026-01-31 12:00:00 GMT)`. */
export function describeTransition(services: SandboxServices, reason: StateReason): string {
  const time = services.clock.now().toISOString().slice(0, 19).replace('T', ' ');
  return reason.code.startsWith('Client.User') ? `User initiated (${time} GMT)` : reason.message;
}

/** Records that a machine is gone, or never came to be. */
export function markTerminated(services: SandboxServices, instanceId: string, reason?: StateReason): void {
  const { world, clock } = services;
  const instance = world.instances.find(instanceId);
  if (instance === undefined || instance.state === 'terminated') return;
  world.instances.update(instanceId, {
    state: 'terminated',
    terminatedAt: clock.now().toISOString(),
    ...(reason === undefined ? {} : { stateReason: reason, transitionReason: describeTransition(services, reason) }),
  });
  const volume = world.volumes.find(instance.volumeId);
  if (volume?.deleteOnTermination === false) world.volumes.update(volume.id, { instanceId: '' });
  else world.volumes.remove(instance.volumeId);
  services.runJob(`clean up after ${instanceId}`, () => removeUnusedFile(services, instance.baseImage));
}

async function finishTermination(services: SandboxServices, instanceId: string): Promise<void> {
  await services.captures.get(instanceId);
  await services.driver.terminate(instanceId);
  markTerminated(services, instanceId);
  await services.world.commit();
}

async function applyMachineState(services: SandboxServices, instanceId: string, machine: MachineState): Promise<void> {
  // CreateImage of a running instance turns its machine off and on again; the instance stays `running` throughout.
  if (services.captures.has(instanceId)) return;
  // TerminateInstances has its own reason, and its job sees to the rest.
  if (services.world.instances.find(instanceId)?.state === 'shutting-down') return;
  if (machine === 'running') applyRunning(services, instanceId);
  else if (machine === 'stopped') await applyStopped(services, instanceId);
  else if (machine === 'terminated') markTerminated(services, instanceId, MACHINE_DIED);
  else if (machine === 'stopping') applyStopping(services, instanceId);
  await services.world.commit();
}

const MACHINE_DIED: StateReason = {
  code: 'Server.InternalError',
  message: 'Server.InternalError: the machine ended by itself',
};
const GUEST_SHUTDOWN: StateReason = {
  code: 'Client.InstanceInitiatedShutdown',
  message: 'Client.InstanceInitiatedShutdown: Instance initiated shutdown',
};

/** What keeps a pending instance is its reason while it is pending; EC2 has no reason of a running one. */
async function applyNotice({ world }: SandboxServices, instanceId: string, notice: string): Promise<void> {
  const isPending = world.instances.find(instanceId)?.state === 'pending';
  const stateReason = { code: 'pending', message: `pending: ${notice}` };
  world.instances.update(instanceId, { notice, ...(isPending ? { stateReason } : {}) });
  await world.commit();
}

function describeEnd(endReason: string | undefined): StateReason {
  if (endReason === undefined) return GUEST_SHUTDOWN;
  const code = 'Server.InternalError';
  return { code, message: `${code}: the machine ended by itself: ${endReason}` };
}

function applyRunning({ world }: SandboxServices, instanceId: string): void {
  if (world.instances.find(instanceId)?.state !== 'pending') return;
  world.instances.update(instanceId, { state: 'running', stateReason: undefined, transitionReason: '' });
}

function applyStopping({ world, clock }: SandboxServices, instanceId: string): void {
  if (world.instances.find(instanceId)?.state !== 'running') return;
  const stoppingSince = clock.now().toISOString();
  world.instances.update(instanceId, { state: 'stopping', stateReason: GUEST_SHUTDOWN, stoppingSince });
}

async function applyStopped(services: SandboxServices, instanceId: string): Promise<void> {
  const { world, delays } = services;
  await lastAtLeast(delays.stoppedMs, world.instances.find(instanceId)?.stoppingSince, services);
  const instance = world.instances.find(instanceId);
  if (instance === undefined || !['pending', 'running', 'stopping'].includes(instance.state)) return;
  const isUserStop = instance.stateReason?.code === 'Client.UserInitiatedShutdown';
  const reason = describeEnd(services.driver.find(instanceId)?.endReason);
  if (!isUserStop && instance.shutdownBehavior === 'terminate') {
    beginTermination(services, instance, reason);
    return;
  }
  world.instances.update(instanceId, {
    state: 'stopped',
    stoppingSince: undefined,
    ...(isUserStop ? {} : { stateReason: reason, transitionReason: describeTransition(services, reason) }),
  });
}
