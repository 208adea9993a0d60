import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeInstancesCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { isSameProcessAlive } from '../../../src/process-identity.js';
import {
  addSandboxAccount,
  type DaemonInfo,
  ensureSandboxUp,
  listSandboxAccounts,
  readSandboxStatus,
  stopSandbox,
} from '../../../src/sandbox/daemon.js';
import { resolveSandboxPaths } from '../../../src/sandbox/paths.js';
import { registerBaseImage } from '../../../src/sandbox/world/base-images.js';
import { aBaseImage, DEBIAN_PARAMETER, systemClock } from '../../support/a-sandbox.js';

const signal = new AbortController().signal;
let program = '';
let stateDir = '';

beforeAll(async () => {
  program = join(await mkdtemp(join(tmpdir(), 'sandbox-program-')), 'serve.cjs');
  await build({
    entryPoints: ['test/support/serve-fake-sandbox.ts'],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
  });
});
afterEach(() => stopSandbox({ stateDir, terminateInstances: false, clock: systemClock, signal }));

describe('the sandbox daemon', () => {
  it('comes up once, is found again and goes down', async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'sandbox-daemon-'));

    const first = await up(0);
    const second = await up(0);
    const status = await readSandboxStatus(stateDir);
    await stopSandbox({ stateDir, terminateInstances: false, clock: systemClock, signal });

    expect(second).toEqual(first);
    expect(status).toMatchObject({ state: 'up', info: first, summary: { instances: [] } });
    expect(isSameProcessAlive(first.process)).toBe(false);
    expect(await readSandboxStatus(stateDir)).toEqual({ state: 'down' });
  });

  it('terminates its instances when it is told to', async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'sandbox-daemon-'));
    await registerBaseImage(resolveSandboxPaths(stateDir), await aBaseImage(stateDir));
    const info = await up(0);
    await launch(info);
    const before = await readSandboxStatus(stateDir);

    await stopSandbox({ stateDir, terminateInstances: true, clock: systemClock, signal });
    const again = await up(0);

    const { Reservations = [] } = await clientOf(again).send(new DescribeInstancesCommand({}));
    expect(before).toMatchObject({ summary: { instances: [{ state: 'running' }] } });
    expect(Reservations[0]?.Instances?.[0]?.State?.Name).toBe('terminated');
  });

  it('makes other accounts, whose keys it has again when it comes back', async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'sandbox-daemon-'));
    const request = { accountId: '222222222222', memberOf: [] };
    await expect(addSandboxAccount(stateDir, request)).rejects.toMatchObject({ code: 'SANDBOX_DOWN' });
    await up(0);

    const account = await addSandboxAccount(stateDir, request);
    const listed = await listSandboxAccounts(stateDir);
    await stopSandbox({ stateDir, terminateInstances: false, clock: systemClock, signal });
    const client = new EC2Client({ endpoint: (await up(0)).endpoint, region: 'us-east-1', credentials: account });

    expect(listed.map(({ accountId }) => accountId)).toEqual(['100000000000', '222222222222']);
    expect((await client.send(new DescribeInstancesCommand({}))).Reservations).toEqual([]);
  });

  it('does not believe a record whose process id was used again', async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'sandbox-daemon-'));
    const info = await up(0);
    await stopSandbox({ stateDir, terminateInstances: false, clock: systemClock, signal });
    const stale = { ...info, process: { pid: process.pid, startTime: '1' } };
    await writeFile(join(stateDir, 'daemon.json'), JSON.stringify(stale));

    const status = await readSandboxStatus(stateDir);

    expect(status).toEqual({ state: 'down' });
  });

  it('starts no second sandbox of a folder that one of another container or host may be using', async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'sandbox-daemon-'));
    const info = await up(0);
    await stopSandbox({ stateDir, terminateInstances: false, clock: systemClock, signal });
    const elsewhere = { ...info, process: { ...info.process, pidNamespace: 'pid:[1]' } };
    await writeFile(join(stateDir, 'daemon.json'), JSON.stringify(elsewhere));

    await expect(up(0)).rejects.toMatchObject({ code: 'SANDBOX_ELSEWHERE' });
    await rm(join(stateDir, 'daemon.json'));
  });

  it('says why it did not come up', async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'sandbox-daemon-'));
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    const { port } = blocker.address() as { readonly port: number };

    const failed = up(port);

    await expect(failed).rejects.toMatchObject({
      code: 'SANDBOX_NOT_STARTED',
      message: expect.stringContaining(`Port ${port}`),
    });
    blocker.close();
    expect(await readFile(join(stateDir, 'sandbox.log'), 'utf8')).toContain(String(port));
  });
});

function up(port: number): Promise<DaemonInfo> {
  const command = [process.execPath, program] as const;
  return ensureSandboxUp({
    stateDir,
    port,
    command,
    environment: { PATH: process.env.PATH },
    clock: systemClock,
    signal,
  });
}

function clientOf({ endpoint, credentials }: DaemonInfo): EC2Client {
  return new EC2Client({ endpoint, credentials, region: 'us-east-1' });
}

async function launch(info: DaemonInfo): Promise<void> {
  const { endpoint, credentials } = info;
  const ssm = new SSMClient({ endpoint, credentials, region: 'us-east-1' });
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: DEBIAN_PARAMETER }));
  const order = { ImageId: Parameter?.Value, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 } as const;
  await clientOf(info).send(new RunInstancesCommand(order));
}
