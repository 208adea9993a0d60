// Builds that are really killed, with a fault on top, and what is done about them: for the tests and for bench/kill.mjs.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuildOutcome } from '../../src/build/build-request.js';
import type { RunningSandbox } from '../../src/sandbox/sandbox.js';
import type { Fault } from '../../src/sandbox/world/faults.js';
import { writeCapturedDisk } from './a-captured-disk.js';
import { type Ec2Builds, startEc2Builds } from './an-ec2-build.js';
import { addBystanders } from './bystanders.js';
import { createFakeInstanceDriver } from './fake-instance-driver.js';
import { waitForStandIn } from './stand-in-packer/write-stand-in.js';

/** After so many records of the journal, or when the sandbox has carried out this call and before it answers. */
export type KillPoint = { readonly record: number } | { readonly call: string };

export interface KilledBuild {
  readonly point: KillPoint;
  readonly fault?: Fault;
  readonly recovery: 'resume' | 'reap';
  /** All that the build and its recovery may do; everything, when not given. */
  readonly policies?: unknown;
}

export interface KillResult {
  /** False when the build had ended by itself before, because of the fault. */
  readonly isKilled: boolean;
  /** All in the account after the recovery, but the image that `resume` gave and its snapshots; private keys on the disk. */
  readonly left: readonly string[];
  /** `resume` gave an image, or `reap` ended well. */
  readonly isRecovered: boolean;
  /** There was an image when the build was killed, and `resume` gave another. */
  readonly isOtherImage: boolean;
  /** What others have in the account and is not as it was. */
  readonly touched: readonly string[];
  /** What the recovery said when it failed. */
  readonly failures: readonly string[];
}

export interface KillCampaign {
  readonly test: Ec2Builds;
  /** What the sandbox has logged of every call, the oldest first. */
  readonly log: readonly string[];
  run(build: KilledBuild): Promise<KillResult>;
  /** Records of a build that nobody kills, without the last, after which there is nothing to recover. */
  countRecords(): Promise<number>;
  close(): Promise<void>;
}

/** A fault may make one attempt of `resume` or `reap` fail: that is no leak as long as the next one does not. */
const MAX_ATTEMPTS = 3;

/** How the builds are made: by the builder ec2 over a communicator, or by the packer at a path. */
export type CampaignBuilder = 'ssm' | 'ssh' | { readonly packer: string };

/** `child` is the bundle of ec2-build-child.ts. */
export async function openKillCampaign(child: string, builder: CampaignBuilder = 'ssm'): Promise<KillCampaign> {
  const folder = mkdtempSync(join(tmpdir(), 'kills-'));
  const onLine: { current?: (line: string) => void } = {};
  const log: string[] = [];
  const test = await startEc2Builds({
    stateDir: join(folder, 'sandbox'),
    driver: createFakeInstanceDriver({ capturedDisk: writeCapturedDisk(folder) }),
    log(line) {
      log.push(line);
      onLine.current?.(line);
    },
  });
  const scope: CampaignScope = { child, builder, test, onLine };
  return {
    test,
    log,
    run: (build) => inFolder(folder, (place) => runKilledBuild(build, place, scope)),
    countRecords: () =>
      inFolder(folder, async (place) => {
        const { stdout } = await startChild(['build', place], scope);
        const outcome = JSON.parse(stdout) as BuildOutcome;
        await removeEverything(scope);
        const journal = join(place, 'state', 'buildimg', 'runs', outcome.run, 'journal.jsonl');
        return readFileSync(journal, 'utf8').trimEnd().split('\n').length - 1;
      }),
    async close() {
      await test.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface CampaignScope {
  readonly child: string;
  readonly builder: CampaignBuilder;
  readonly test: Ec2Builds;
  readonly onLine: { current?: (line: string) => void };
}

async function runKilledBuild(
  { point, fault, recovery, policies }: KilledBuild,
  folder: string,
  scope: CampaignScope,
): Promise<KillResult> {
  const bystanders = await addBystanders(scope.test);
  scope.test.sandbox.loadPolicy(policies);
  scope.test.sandbox.loadFaults({ faults: fault === undefined ? [] : [fault] });
  const { isKilled, built } = await killBuild(point, folder, scope);
  if (typeof scope.builder === 'object') await waitForStandIn(scope.builder.packer);
  const before = readAccount(scope.test.sandbox).images.filter((id) => !bystanders.isBystander(id));
  const id = findRunId(folder);
  // Refused before it began: there is nothing to recover.
  const recovered = id === undefined ? NOTHING_BEGUN : await recover([recovery, folder, id], scope);
  const { answer, failures } = recovered;
  scope.test.sandbox.loadPolicy(undefined);
  const resumed = recovery === 'resume' && answer !== undefined ? (JSON.parse(answer) as BuildOutcome) : undefined;
  // A build that met its fault and came through leaves an image that nobody may reap.
  const outcome = resumed ?? built;
  const kept = outcome === undefined ? [] : [outcome.amiId, ...outcome.snapshotIds];
  const result = {
    isKilled,
    left: [
      ...readAccount(scope.test.sandbox).ids.filter((id) => !kept.includes(id) && !bystanders.isBystander(id)),
      ...listKeys(folder),
    ],
    touched: bystanders.listTouched(),
    isRecovered: recovered.isDone,
    isOtherImage: outcome !== undefined && before.length > 0 && !before.includes(outcome.amiId),
    failures,
  };
  scope.test.sandbox.loadFaults({});
  await scope.test.sandbox.terminateInstances();
  await bystanders.remove();
  await removeEverything(scope);
  return result;
}

function findRunId(folder: string): string | undefined {
  const runs = join(folder, 'state', 'buildimg', 'runs');
  return existsSync(runs) ? readdirSync(runs)[0] : undefined;
}

function listKeys(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('/key'));
}

interface KilledOrBuilt {
  readonly isKilled: boolean;
  /** What it came to by itself. */
  readonly built: BuildOutcome | undefined;
}

async function killBuild(point: KillPoint, folder: string, scope: CampaignScope): Promise<KilledOrBuilt> {
  const record = 'record' in point ? String(point.record) : '0';
  const ended = startChild(['build', folder, '', record], scope, (pid) => {
    if (!('call' in point)) return;
    scope.onLine.current = (line) => {
      // What is logged has been carried out, and the reply is not on its way yet.
      if (!line.includes(` ${point.call} 200 `)) return;
      delete scope.onLine.current;
      process.kill(pid, 'SIGKILL');
    };
  });
  try {
    const { stdout } = await ended;
    return { isKilled: false, built: JSON.parse(stdout) as BuildOutcome };
  } catch (error) {
    return { isKilled: (error as { readonly signal?: string }).signal === 'SIGKILL', built: undefined };
  } finally {
    delete scope.onLine.current;
  }
}

interface Recovery {
  readonly isDone: boolean;
  /** What the command printed; undefined when none was needed or none went through. */
  readonly answer: string | undefined;
  readonly failures: readonly string[];
}

const NOTHING_BEGUN: Recovery = { isDone: true, answer: undefined, failures: [] };

async function recover(words: readonly string[], scope: CampaignScope): Promise<Recovery> {
  const failures: string[] = [];
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    try {
      const { stdout } = await startChild(words, scope);
      return { isDone: true, answer: stdout, failures };
    } catch (error) {
      failures.push((error as { readonly stderr?: string }).stderr?.trim() ?? String(error));
    }
  }
  return { isDone: false, answer: undefined, failures };
}

function startChild(
  words: readonly string[],
  { child, builder, test }: CampaignScope,
  onStarted?: (pid: number) => void,
): Promise<{ readonly stdout: string }> {
  const [action = '', folder = '', ...rest] = words;
  const { accessKeyId, secretAccessKey } = test.sandbox.credentials;
  return new Promise((resolve, reject) => {
    const started = execFile(
      process.execPath,
      [child, action, folder, test.sandbox.endpoint, ...rest],
      {
        env: {
          PATH: '/usr/bin:/bin',
          AWS_ACCESS_KEY_ID: accessKeyId,
          AWS_SECRET_ACCESS_KEY: secretAccessKey,
          ...(typeof builder === 'object' ? { PACKER: builder.packer } : { COMMUNICATOR: builder }),
          SANDBOX_SSH_PORT: String(test.sandbox.sshPort),
          AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        },
      },
      (error, stdout, stderr) => (error === null ? resolve({ stdout }) : reject(Object.assign(error, { stderr }))),
    );
    onStarted?.(started.pid ?? 0);
  });
}

interface Account {
  /** Of everything that costs money or lets somebody in. */
  readonly ids: readonly string[];
  /** Those that have not failed. */
  readonly images: readonly string[];
}

type Row = { readonly id: string; readonly state?: string; readonly ownerId?: string; readonly name?: string };

/** From the sandbox's own file: a call would be counted by the fault plan. */
export function readAccount({ paths, credentials }: RunningSandbox): Account {
  const world = JSON.parse(readFileSync(paths.worldFile, 'utf8')) as Readonly<Record<string, readonly Row[]>>;
  const own = (table: string) => (world[table] ?? []).filter(({ ownerId }) => ownerId === credentials.accountId);
  const images = own('images');
  const rows = [
    ...(world['instances'] ?? []).filter(({ state }) => state !== 'terminated'),
    ...images,
    ...own('snapshots'),
    ...(world['volumes'] ?? []),
    ...(world['keyPairs'] ?? []),
    ...(world['securityGroups'] ?? []).filter(({ name }) => name !== 'default'),
  ];
  return {
    ids: rows.map(({ id }) => id),
    images: images.filter(({ state }) => state !== 'failed').map(({ id }) => id),
  };
}

/** What one build leaves must not count for the next. */
async function removeEverything({ test }: CampaignScope): Promise<void> {
  test.sandbox.loadFaults({});
  await test.sandbox.terminateInstances();
  const { resources } = test.aws;
  const { ids } = readAccount(test.sandbox);
  for (const id of ids.filter((each) => each.startsWith('ami-'))) await resources.deregisterImage(id);
  for (const id of ids.filter((each) => each.startsWith('snap-'))) await resources.deleteSnapshot(id);
}

async function inFolder<T>(parent: string, act: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(parent, 'build');
  mkdirSync(folder);
  try {
    return await act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
