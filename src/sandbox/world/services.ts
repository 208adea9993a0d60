import type { AccessGate } from '../access/access-gate.js';
import type { InstanceDriver } from '../machine/instance-driver.js';
import type { SandboxPaths } from '../paths.js';
import type { SandboxInfo } from '../sandbox-info.js';
import type { Accounts } from './accounts.js';
import type { SandboxCredentials } from './credentials.js';
import type { FaultPlan } from './faults.js';
import type { SnapshotDisks } from './snapshot-disks.js';
import type { SnapshotUploads } from './snapshot-uploads.js';
import type { WorldView } from './world.js';

/** Time, as the sandbox sees it. `wait` ends early, without an error, when the signal aborts. */
export interface SandboxClock {
  now(): Date;
  wait(durationMs: number, signal?: AbortSignal): Promise<void>;
}

/** AWS's pace, for rehearsals; all 0: as fast as the machine is. */
export interface TransitionDelays {
  /** From the launch to the start of the machine's boot. */
  readonly runningMs: number;
  /** How long an instance is `stopping` at least. */
  readonly stoppedMs: number;
  /** How long an image is `pending` at least. */
  readonly imageMs: number;
}

export interface SandboxNetwork {
  /** Second octet of the instances' public addresses, 127.`secondOctet`.x.y. */
  readonly secondOctet: number;
  /** 22 where this user may bind it, else 2222. */
  readonly sshPort: number;
  /** Where an environment's instance answers: 80 where this user may bind it, else 8080. */
  readonly httpPort: number;
}

/** What every handler and every job of a running sandbox shares. */
export interface SandboxServices {
  readonly world: WorldView;
  readonly driver: InstanceDriver;
  readonly clock: SandboxClock;
  readonly delays: TransitionDelays;
  /** Whether an SDK's waiter is answered when there is news; AWS answers at once. */
  readonly hasLongPolls: boolean;
  readonly network: SandboxNetwork;
  readonly paths: SandboxPaths;
  readonly credentials: SandboxCredentials;
  readonly accounts: Accounts;
  readonly faults: FaultPlan;
  readonly access: AccessGate;
  /** Machines whose disk is being read, and when that is over. Nothing else may touch them meanwhile. */
  readonly captures: Map<string, Promise<void>>;
  /** Content of complete snapshots, block by block. */
  readonly snapshotDisks: SnapshotDisks;
  /** Content of snapshots that are being written block by block. */
  readonly snapshotUploads: SnapshotUploads;
  /** Commands that run in guests, by the ids of their records. */
  readonly commands: Map<string, AbortController>;
  /** What is being done with Elastic Beanstalk's environments, by their ids; `done` resolves at its end, whatever that is. */
  readonly environmentJobs: Map<string, { readonly stop: AbortController; readonly done: Promise<void> }>;
  /** Runs a job beyond the request that asked for it; failures are logged, `close` waits for it. */
  runJob(name: string, job: () => Promise<void>): void;
  log(line: string): void;
  /** How a client reaches this sandbox; for jobs that are clients of it themselves. */
  describe(): SandboxInfo;
  /** Aborts when the sandbox closes. */
  readonly signal: AbortSignal;
}

/** What one request is about, beside its input. Its world is the part that its account sees. */
export interface RequestContext extends SandboxServices {
  readonly region: string;
  readonly accountId: string;
  /** ARNs of the organisations and organisational units that the account is in. */
  readonly memberOf: readonly string[];
  /** As in the reply; Elastic Beanstalk's events carry it. */
  readonly requestId: string;
  /** The client polls for a state: its User-Agent names an SDK waiter. */
  readonly isWaiter: boolean;
  /** Aborts when the client hangs up or the sandbox closes. */
  readonly requestSignal: AbortSignal;
}
