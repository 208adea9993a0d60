import { mkdtemp, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EC2Client } from '@aws-sdk/client-ec2';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { resolveNetwork } from '../../src/sandbox/network.js';
import { type RunningSandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.js';
import type { BaseImage } from '../../src/sandbox/world/base-images.js';
import type { SandboxClock } from '../../src/sandbox/world/services.js';
import { aQcow2 } from './a-qcow2.js';
import { createFakeInstanceDriver, type FakeInstanceDriver } from './fake-instance-driver.js';

export const DEBIAN_OWNER = '136693071363';
/** The instance profile that a sandbox of the tests has. */
export const PROFILE = 'ssm';
export const DEBIAN_PARAMETER = '/aws/service/debian/release/12/latest/amd64';

export interface TestSandbox {
  readonly sandbox: RunningSandbox;
  readonly driver: FakeInstanceDriver;
  readonly ec2: EC2Client;
  readonly ssm: SSMClient;
  readonly log: readonly string[];
  readonly stateDir: string;
  /** The base image's id in us-east-1. */
  readonly sourceAmi: string;
  /** A client of another region. */
  ec2In(region: string): EC2Client;
}

export interface TestSandboxOptions extends Partial<Omit<SandboxOptions, 'driver'>> {
  readonly driver?: FakeInstanceDriver;
}

/** The machine's own clock; tests that need another pass their own. */
export const systemClock: SandboxClock = {
  now: () => new Date(),
  wait: (durationMs, signal) => sleep(durationMs, undefined, signal ? { signal } : {}).catch(() => undefined),
};

/** A sandbox over a fake driver with one Debian base image, and clients signed in to it. */
export async function startTestSandbox(options: TestSandboxOptions = {}): Promise<TestSandbox> {
  const stateDir = options.stateDir ?? (await makeStateDir());
  const driver = options.driver ?? createFakeInstanceDriver();
  const log: string[] = [];
  const sandbox = await startSandbox({
    clock: systemClock,
    log: (line) => void log.push(line),
    ...options,
    stateDir,
    driver,
  });
  await sandbox.registerBaseImage(await aBaseImage(stateDir));
  await sandbox.ensureInstanceProfiles([PROFILE]);
  const ec2In = (region: string) => new EC2Client(clientOptions(sandbox, region));
  const ssm = new SSMClient(clientOptions(sandbox, 'us-east-1'));

  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: DEBIAN_PARAMETER }));
  return { sandbox, driver, log, stateDir, ec2: ec2In('us-east-1'), ssm, ec2In, sourceAmi: Parameter?.Value ?? '' };
}

/** The folder decides the addresses; of two workers that run side by side, one has the odd ones and one the even ones. */
async function makeStateDir(): Promise<string> {
  const share = Number(process.env['JEST_WORKER_ID'] ?? 0) % 2;
  for (;;) {
    const folder = await mkdtemp(join(tmpdir(), 'sandbox-api-'));
    if ((await resolveNetwork(folder)).secondOctet % 2 === share) return folder;
    await rmdir(folder);
  }
}

export async function aBaseImage(directory: string, changes: Partial<BaseImage> = {}): Promise<BaseImage> {
  const file = join(directory, 'debian-12.qcow2');
  await writeFile(file, aQcow2({ sizeGib: 8, content: 'debian' }));
  return {
    os: 'debian-12',
    architecture: 'x86_64',
    file,
    ownerId: DEBIAN_OWNER,
    name: 'debian-12-amd64-20261101-1',
    description: 'Debian 12 (20261101-1)',
    rootDeviceName: '/dev/xvda',
    loginUser: 'admin',
    ssmParameters: [DEBIAN_PARAMETER],
    createdAt: '2026-11-01T00:00:00.000Z',
    ...changes,
  };
}

export function clientOptions(sandbox: RunningSandbox, region: string) {
  return { endpoint: sandbox.endpoint, region, credentials: sandbox.credentials, maxAttempts: 1 };
}
