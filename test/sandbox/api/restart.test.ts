import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as sdk from '@aws-sdk/client-ec2';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Machine } from '../../../src/sandbox/machine/instance-driver.js';
import { startTestSandbox, type TestSandbox } from '../../support/a-sandbox.js';
import { createFakeInstanceDriver } from '../../support/fake-instance-driver.js';

let test: TestSandbox;
const abandoned: (() => Promise<void>)[] = [];
afterEach(async () => {
  await test.sandbox.close();
  for (const close of abandoned.splice(0)) await close();
});

describe('a sandbox that starts again', () => {
  it('knows everything that it knew', async () => {
    test = await startTestSandbox();
    const id = await launch();
    await test.ec2.send(new sdk.CreateKeyPairCommand({ KeyName: 'mine' }));
    await test.ec2.send(new sdk.CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'team', Value: 'web' }] }));
    await test.ssm.send(new PutParameterCommand({ Name: '/acme/web', Value: 'ami-1', Type: 'String' }));
    const before = await describeInstance(id);
    const { secretAccessKey } = test.sandbox.credentials;

    await restart();

    expect(await describeInstance(id)).toEqual(before);
    expect((await test.ec2.send(new sdk.DescribeKeyPairsCommand({}))).KeyPairs?.[0]?.KeyName).toBe('mine');
    expect((await test.ssm.send(new GetParameterCommand({ Name: '/acme/web' }))).Parameter?.Value).toBe('ami-1');
    expect(test.sandbox.credentials.secretAccessKey).toBe(secretAccessKey);
  });

  it('follows a machine that changed while nobody looked', async () => {
    test = await startTestSandbox();
    const [stopped, gone] = [await launch(), await launch()];

    await restart((machines) => {
      machines.set(stopped, { instanceId: stopped, state: 'stopped', diskFile: '' });
      machines.delete(gone);
    });

    expect((await describeInstance(stopped)).State?.Name).toBe('stopped');
    expect(await describeInstance(gone)).toMatchObject({
      State: { Name: 'terminated' },
      StateReason: { Code: 'Server.InternalError' },
    });
  });

  it('finishes an image that was pending', async () => {
    test = await startTestSandbox();
    const id = await launch();
    await test.ec2.send(new sdk.StopInstancesCommand({ InstanceIds: [id] }));
    await describeInstance(id);
    holdCaptures();
    const { ImageId = '' } = await test.ec2.send(new sdk.CreateImageCommand({ InstanceId: id, Name: 'web-1' }));
    const { imagesDir } = test.sandbox.paths;
    await writeFile(join(imagesDir, 'snap-0123456789abcdef0.qcow2.partial'), 'half');

    await abandonAndStartAgain();
    await sdk.waitUntilImageAvailable({ client: test.ec2, maxWaitTime: 10, minDelay: 1 }, { ImageIds: [ImageId] });

    expect(test.driver.calls).toContain(`capture ${id}`);
    expect(await readdir(imagesDir)).toEqual([expect.stringMatching(/^snap-[0-9a-f]{17}\.qcow2$/)]);
  });

  it('finishes a termination that was under way', async () => {
    test = await startTestSandbox();
    const id = await launch();
    holdCaptures();
    await test.ec2.send(new sdk.CreateImageCommand({ InstanceId: id, Name: 'web-1' }));
    await test.ec2.send(new sdk.TerminateInstancesCommand({ InstanceIds: [id] }));

    await abandonAndStartAgain();
    await sdk.waitUntilInstanceTerminated({ client: test.ec2, maxWaitTime: 10, minDelay: 1 }, { InstanceIds: [id] });

    expect(test.driver.calls).toContain(`terminate ${id}`);
  });

  it('says which file is broken', async () => {
    test = await startTestSandbox();
    const stateDir = await mkdtemp(join(tmpdir(), 'sandbox-broken-'));
    await writeFile(join(stateDir, 'world.json'), '{ half');

    await expect(startTestSandbox({ stateDir })).rejects.toMatchObject({
      code: 'SANDBOX_STATE_BROKEN',
      message: expect.stringContaining(join(stateDir, 'world.json')),
    });
  });

  it('leaves the state alone when its port is taken', async () => {
    test = await startTestSandbox();
    const { stateDir } = test.sandbox.paths;
    const driver = createFakeInstanceDriver();

    const second = startTestSandbox({ stateDir, driver, port: Number(new URL(test.sandbox.endpoint).port) });

    await expect(second).rejects.toMatchObject({ code: 'SANDBOX_PORT_IN_USE' });
    expect(driver.calls).toEqual([]);
  });
});

async function launch(): Promise<string> {
  const { Instances = [] } = await test.ec2.send(
    new sdk.RunInstancesCommand({ ImageId: test.sourceAmi, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 }),
  );
  return Instances[0]?.InstanceId ?? '';
}

async function describeInstance(id: string): Promise<sdk.Instance> {
  const { Reservations = [] } = await test.ec2.send(new sdk.DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations[0]?.Instances?.[0] ?? {};
}

/** Ends the sandbox in order and starts it over the same machines, which `change` may have moved meanwhile. */
async function restart(change: (machines: Map<string, Machine>) => void = () => undefined): Promise<void> {
  const machines = collectMachines();
  await test.sandbox.close();
  change(machines);
  test = await startTestSandbox({
    stateDir: test.sandbox.paths.stateDir,
    driver: createFakeInstanceDriver({ machines }),
  });
}

/** Starts a second sandbox over the state that the first has written so far, as after a kill. */
async function abandonAndStartAgain(): Promise<void> {
  const driver = createFakeInstanceDriver({ machines: collectMachines() });
  const { sandbox } = test;
  abandoned.push(() => sandbox.close());
  test = await startTestSandbox({ stateDir: test.sandbox.paths.stateDir, driver });
}

/** Captures of the present driver wait until the test is over. */
function holdCaptures(): void {
  const release = test.driver.holdCaptures();
  abandoned.push(async () => release());
}

function collectMachines(): Map<string, Machine> {
  const machines = test.driver.launches.map(({ instanceId }) => test.driver.find(instanceId));
  return new Map(machines.filter((machine) => machine !== undefined).map((machine) => [machine.instanceId, machine]));
}
