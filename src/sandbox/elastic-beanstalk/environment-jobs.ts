// The rehearsal of an environment: one instance of the platform's image, on which the hooks run in the order in which
// Elastic Beanstalk runs them. Worded as the service words its events.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DeleteKeyPairCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import type { EnvironmentRecord } from '../world/service-records.js';
import type { SandboxServices } from '../world/services.js';
import { createOwnClient, launchInstance, listEnvironmentInstances } from './environment-instance.js';
import { type EventSubject, recordEvent } from './events.js';
import { type Guest, openGuest } from './guest.js';
import { pushBundle, pushConfig } from './push-state.js';
import { HookFailure, runHooks } from './run-hooks.js';

export interface Deployment {
  readonly subject: EventSubject;
  /** Undefined: the application stays as it is. */
  readonly versionLabel: string | undefined;
}

const APPDEPLOY = ['appdeploy/pre', 'appdeploy/enact', 'appdeploy/post'];
const CONFIGDEPLOY = ['configdeploy/pre', 'configdeploy/enact', 'configdeploy/post'];
const HTTP_PORT = 80;

/** CreateEnvironment's job. */
export async function launchEnvironment(
  outer: SandboxServices,
  id: string,
  { subject, versionLabel }: Deployment,
): Promise<void> {
  const say = (message: string) => recordEvent(outer, subject, { message });
  say('createEnvironment is starting.');
  const failure =
    'Create environment operation is complete, but with errors. For more information, see troubleshooting documentation.';
  await runJob(outer, id, { subject, failure }, async (services) => {
    say('Waiting for EC2 instances to launch. This may take a few minutes.');
    const warn = (message: string) => recordEvent(services, subject, { severity: 'WARN', message });
    const instance = await launchInstance(services, getEnvironment(services, id), warn);
    services.world.environments.update(id, { instanceId: instance.id });
    say(`Adding instance '${instance.id}' to your environment.`);
    const guest = openGuest(services, getEnvironment(services, id));
    await pushConfig(guest, services, getEnvironment(services, id));
    await runHooks(guest, ['preinit']);
    if (versionLabel !== undefined) await deploy(services, guest, { id, versionLabel });
    await runHooks(guest, ['postinit']);
    const { httpPort } = services.network;
    await services.driver.forwardPort(instance.id, { host: httpPort, guest: HTTP_PORT });
    const url = `http://${instance.publicIp}${httpPort === HTTP_PORT ? '' : `:${httpPort}`}`;
    services.world.environments.update(id, { url });
    say(`Successfully launched environment: ${getEnvironment(services, id).name}`);
  });
}

/** UpdateEnvironment's job. */
export async function updateEnvironment(
  outer: SandboxServices,
  id: string,
  { subject, versionLabel, isReconfigured }: Deployment & { readonly isReconfigured: boolean },
): Promise<void> {
  const say = (message: string) => recordEvent(outer, subject, { message });
  const { name } = getEnvironment(outer, id);
  say('Environment update is starting.');
  const failure = versionLabel === undefined ? 'Failed to deploy configuration.' : 'Failed to deploy application.';
  await runJob(outer, id, { subject, failure }, async (services) => {
    const guest = openGuest(services, getEnvironment(services, id));
    if (isReconfigured) {
      say(`Updating environment ${name}'s configuration settings.`);
      await pushConfig(guest, services, getEnvironment(services, id));
      await runHooks(guest, CONFIGDEPLOY);
      say('Successfully deployed new configuration to environment.');
    }
    if (versionLabel !== undefined) {
      say('Deploying new version to instance(s).');
      await deploy(services, guest, { id, versionLabel });
      say('New application version was deployed to running EC2 instances.');
    }
    say('Environment update completed successfully.');
  });
}

/** TerminateEnvironment's job: ends what else is being done with the environment first, and then all that came of it. */
export async function terminateEnvironment(
  services: SandboxServices,
  id: string,
  subject: EventSubject,
): Promise<void> {
  const environment = getEnvironment(services, id);
  recordEvent(services, subject, { message: 'terminateEnvironment is starting.' });
  const ec2 = createOwnClient(services, environment.region);
  try {
    await stopJob(services, id);
    const instances = listEnvironmentInstances(services, id);
    if (instances.length > 0) {
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: instances.map((instance) => instance.id) }));
    }
    await ec2.send(new DeleteKeyPairCommand({ KeyName: id }));
    await rm(join(services.paths.keysDir, `${id}.key`), { force: true });
    services.world.environments.update(id, { status: 'Terminated', health: 'Grey', url: undefined });
    recordEvent(services, subject, { message: 'terminateEnvironment completed successfully.' });
  } finally {
    ec2.destroy();
    await services.world.commit();
  }
}

interface Attempt {
  readonly subject: EventSubject;
  /** The last event when it fails. */
  readonly failure: string;
}

/** The work gets services whose signal aborts, too, when the environment is to be terminated. */
async function runJob(
  services: SandboxServices,
  id: string,
  attempt: Attempt,
  work: (services: SandboxServices) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([services.signal, stop.signal]);
  const done = attemptJob({ ...services, signal }, id, attempt, work);
  services.environmentJobs.set(id, { stop, done });
  await done.finally(() => services.environmentJobs.delete(id));
}

async function stopJob({ environmentJobs }: SandboxServices, id: string): Promise<void> {
  const job = environmentJobs.get(id);
  job?.stop.abort();
  await job?.done;
}

async function attemptJob(
  services: SandboxServices,
  id: string,
  { subject, failure }: Attempt,
  work: (services: SandboxServices) => Promise<void>,
): Promise<void> {
  try {
    await work(services);
    if (services.signal.aborted) return;
    services.world.environments.update(id, { status: 'Ready', health: 'Green' });
  } catch (error) {
    // What a closing sandbox leaves undone is judged at its next start, and what a termination ends is nothing's failure.
    if (services.signal.aborted) return;
    const { instanceId = '' } = getEnvironment(services, id);
    for (const message of describeFailure(error, instanceId)) {
      recordEvent(services, subject, { severity: 'ERROR', message });
    }
    recordEvent(services, subject, { severity: 'ERROR', message: failure });
    services.world.environments.update(id, { status: 'Ready', health: 'Red' });
  }
  services.world.environments.update(id, { updatedAt: services.clock.now().toISOString() });
  await services.world.commit();
}

function describeFailure(error: unknown, instanceId: string): readonly string[] {
  if (!(error instanceof HookFailure)) return [error instanceof Error ? error.message : String(error)];
  return [
    `[Instance: ${instanceId}] Command failed on instance. Return code: ${error.status} Output: ${error.stderr}\nHook ${error.hook} failed. For more detail, check /var/log/eb-activity.log using console or EB CLI.`,
    `Unsuccessful command execution on instance id(s) '${instanceId}'. Aborting the operation.`,
  ];
}

async function deploy(
  services: SandboxServices,
  guest: Guest,
  { id, versionLabel }: { readonly id: string; readonly versionLabel: string },
): Promise<void> {
  await pushBundle(guest, services, { environment: getEnvironment(services, id), versionLabel });
  await runHooks(guest, APPDEPLOY);
  services.world.environments.update(id, { versionLabel });
}

function getEnvironment({ world }: SandboxServices, id: string): EnvironmentRecord {
  const environment = world.environments.find(id);
  if (environment === undefined) throw new Error(`Environment ${id} is gone.`);
  return environment;
}
