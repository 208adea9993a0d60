import { setMaxListeners } from 'node:events';

import { ensurePrivateFolder } from '../private-folder.js';
import { createAccessGate } from './access/access-gate.js';
import { takeUpBeanstalkWork } from './elastic-beanstalk/take-up-work.js';
import { ensureInstanceProfiles, shareInstanceProfiles } from './iam/instance-profiles.js';
import type { InstanceDriver } from './machine/instance-driver.js';
import { resolveNetwork } from './network.js';
import { resolveSandboxPaths, type SandboxPaths } from './paths.js';
import { DEFAULT_SANDBOX_REGION, type SandboxInfo } from './sandbox-info.js';
import { openCertificateAuthority } from './server/certificates.js';
import { type ControlRequest, openEndpoint } from './server/endpoint.js';
import { closeLostCommands } from './ssm/command-jobs.js';
import { type Account, type AccountRequest, createAccounts, readAccountRequest } from './world/accounts.js';
import { type BaseImage, openBaseSnapshots, type RegisteredBaseImage, registerBaseImage } from './world/base-images.js';
import { ensureCredentials } from './world/credentials.js';
import { removeStrayFiles } from './world/disk-files.js';
import { createFaultPlan, type FaultPlanData } from './world/faults.js';
import { resumeImageJobs } from './world/image-jobs.js';
import { beginTermination, followMachines, reconcileInstances } from './world/instance-states.js';
import type { SandboxClock, SandboxServices, TransitionDelays } from './world/services.js';
import { createSnapshotDisks } from './world/snapshot-disks.js';
import { resumeSnapshotUploads } from './world/snapshot-jobs.js';
import { createSnapshotUploads } from './world/snapshot-uploads.js';
import { World } from './world/world.js';

export interface SandboxOptions {
  /** Absolute; made when it is missing. */
  readonly stateDir: string;
  readonly driver: InstanceDriver;
  readonly clock: SandboxClock;
  /** Default 0: a free port. */
  readonly port?: number;
  readonly delays?: Partial<TransitionDelays>;
  /** Default true. See SandboxServices. */
  readonly hasLongPolls?: boolean;
  log?(line: string): void;
}

export interface RunningSandbox extends SandboxInfo {
  readonly paths: SandboxPaths;
  registerBaseImage(image: BaseImage): Promise<RegisteredBaseImage>;
  /** Makes another account, with a key of its own; see world/accounts.ts. */
  addAccount(request: AccountRequest): Promise<Account>;
  /** Makes the instance profiles of these names that are not there. */
  ensureInstanceProfiles(names: readonly string[]): Promise<void>;
  /** What goes wrong from now on; see world/faults.ts. */
  loadFaults(plan: FaultPlanData): void;
  /** What is allowed from now on; undefined: everything. Errors: SANDBOX_POLICY_INVALID. */
  loadPolicy(policies: unknown): void;
  /** Statements of the policy that no call has needed yet. */
  listIdleStatements(): readonly string[];
  /** Resolves when every instance is terminated. */
  terminateInstances(): Promise<void>;
  /** Stops serving; machines go on, and are found again at the next start. */
  close(): Promise<void>;
}

const NO_DELAYS: TransitionDelays = { runningMs: 0, stoppedMs: 0, imageMs: 0 };

/**
 * Starts the endpoint in this process.
 *
 * @throws SANDBOX_PORT_IN_USE, SANDBOX_STATE_BROKEN, SANDBOX_OPENSSL_MISSING
 */
export async function startSandbox(options: SandboxOptions): Promise<RunningSandbox> {
  const { stateDir, driver, clock } = options;
  const paths = resolveSandboxPaths(stateDir);
  for (const directory of [
    stateDir,
    paths.imagesDir,
    paths.baseImagesDir,
    paths.blocksDir,
    paths.objectsDir,
    paths.logsDir,
    paths.platformsDir,
  ]) {
    ensurePrivateFolder(directory);
  }
  const credentials = await ensureCredentials(paths.credentialsFile);
  const jobs = new Set<Promise<void>>();
  const stopping = new AbortController();
  // Every machine's and every image's wait listens to it; node takes more than ten listeners for a leak.
  setMaxListeners(0, stopping.signal);
  const services: SandboxServices = {
    world: await World.open(paths.worldFile),
    driver,
    clock,
    paths,
    delays: { ...NO_DELAYS, ...options.delays },
    hasLongPolls: options.hasLongPolls ?? true,
    network: await resolveNetwork(stateDir),
    credentials,
    accounts: createAccounts(paths.credentialsFile, credentials),
    captures: new Map(),
    snapshotDisks: createSnapshotDisks(paths.blocksDir, stopping.signal),
    snapshotUploads: createSnapshotUploads(paths.blocksDir, clock),
    commands: new Map(),
    environmentJobs: new Map(),
    faults: createFaultPlan(() => clock.now()),
    access: createAccessGate(),
    log: (line) => options.log?.(`${clock.now().toISOString()} ${line}`),
    signal: stopping.signal,
    describe: () => sandbox,
    runJob(name, job) {
      const running: Promise<void> = job()
        .catch((error: unknown) => services.log(`job failed: ${name}: ${String(error)}`))
        .finally(() => jobs.delete(running));
      jobs.add(running);
    },
  };
  const authority = await openCertificateAuthority(paths.tlsDir);
  const gate = createGate();
  const endpoint = await openEndpoint({ services, authority, ready: gate.promise, port: options.port ?? 0, control });
  try {
    await driver.openToGuests(endpoint.port);
    await takeUpWork(services);
  } catch (error) {
    await endpoint.close();
    throw error;
  }
  gate.resolve();
  const url = `http://127.0.0.1:${endpoint.port}`;
  const sandbox: RunningSandbox = {
    endpoint: url,
    proxy: url,
    caFile: authority.caFile,
    region: DEFAULT_SANDBOX_REGION,
    credentials: services.credentials,
    sshPort: services.network.sshPort,
    paths,
    registerBaseImage: (image) => registerBaseImage(paths, image),
    addAccount: (request) => addAccount(services, request),
    ensureInstanceProfiles: (names) => addInstanceProfiles(services, names),
    loadFaults: (plan) => services.faults.load(plan),
    loadPolicy: (policies) => services.access.load(policies),
    listIdleStatements: () => services.access.listIdleStatements() ?? [],
    terminateInstances: () => terminateInstances(services),
    async close() {
      stopping.abort();
      await endpoint.close();
      await driver.detachAll();
      await waitForJobs(jobs, clock);
      await services.world.commit();
    },
  };
  return sandbox;

  async function control({ path, method, body }: ControlRequest): Promise<object | undefined> {
    if (path === 'status' && method === 'GET') return summarise(services);
    if (path === 'accounts' && method === 'POST') return await addAccount(services, body);
    if (path === 'instance-profiles' && method === 'POST') {
      await addInstanceProfiles(services, body as readonly string[]);
      return {};
    }
    if (path === 'faults' && method === 'PUT') {
      services.faults.load(body);
      return {};
    }
    if (path === 'policy' && method === 'PUT') {
      services.access.load(body);
      return {};
    }
    if (path !== 'terminate-instances' || method !== 'POST') return undefined;
    await terminateInstances(services);
    return summarise(services);
  }
}

async function addAccount(services: SandboxServices, request: unknown): Promise<Account> {
  const account = await services.accounts.add(readAccountRequest(request));
  openBaseSnapshots(services);
  shareInstanceProfiles(services);
  await services.world.commit();
  return account;
}

async function addInstanceProfiles(services: SandboxServices, names: readonly string[]): Promise<void> {
  ensureInstanceProfiles(services, names);
  await services.world.commit();
}

function createGate(): { readonly promise: Promise<void>; resolve(): void } {
  let open: (() => void) | undefined;
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, resolve: () => open?.() };
}

async function takeUpWork(services: SandboxServices): Promise<void> {
  followMachines(services);
  await services.driver.attachAll();
  await reconcileInstances(services);
  await removeStrayFiles(services);
  resumeImageJobs(services);
  await resumeSnapshotUploads(services);
  closeLostCommands(services);
  takeUpBeanstalkWork(services);
}

async function terminateInstances(services: SandboxServices): Promise<void> {
  const { world, signal } = services;
  for (const instance of world.instances.list()) {
    if (instance.state === 'terminated' || instance.state === 'shutting-down') continue;
    const message = 'Client.UserInitiatedShutdown: the sandbox was taken down';
    beginTermination(services, instance, { code: 'Client.UserInitiatedShutdown', message });
  }
  while (!signal.aborted && world.instances.list().some(({ state }) => state !== 'terminated')) {
    await world.waitForChange(signal);
  }
  await world.commit();
}

function summarise({ world, network, access }: SandboxServices): SandboxSummary {
  const idleStatements = access.listIdleStatements();
  return {
    ...(idleStatements === undefined ? {} : { idleStatements }),
    sshPort: network.sshPort,
    images: world.images.list().filter(({ sourceInstanceId, sourceImage }) => sourceInstanceId ?? sourceImage).length,
    instances: world.instances
      .list()
      .filter(({ state }) => state !== 'terminated')
      .map(({ id, region, state, imageId, publicIp, notice }) => ({ id, region, state, imageId, publicIp, notice })),
  };
}

/** What `sandbox status` shows. */
export interface SandboxSummary {
  readonly sshPort: number;
  /** Statements of the policy that no call has needed yet; undefined: everything is allowed. */
  readonly idleStatements?: readonly string[];
  readonly images: number;
  readonly instances: readonly {
    readonly id: string;
    readonly region: string;
    readonly state: string;
    readonly imageId: string;
    readonly publicIp: string;
    /** What happened to its machine, such as a second start without KVM. */
    readonly notice?: string | undefined;
  }[];
}

// A job may be waiting for a guest that does not power down. What it leaves undone is taken up at the next start.
const JOBS_TIMEOUT_MS = 10_000;

async function waitForJobs(jobs: ReadonlySet<Promise<void>>, clock: SandboxClock): Promise<void> {
  const timeout = new AbortController();
  const limit = clock.wait(JOBS_TIMEOUT_MS, timeout.signal);
  await Promise.race([Promise.all(jobs), limit]);
  timeout.abort();
}
