// AWS's pace: transitions that take a while, and waiters that are not held back.
import { setImmediate } from 'node:timers/promises';
import * as sdk from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SandboxClock } from '../../../src/sandbox/world/services.js';
import { clientOptions, startTestSandbox, type TestSandbox } from '../../support/a-sandbox.js';
import { createFakeInstanceDriver } from '../../support/fake-instance-driver.js';

let test: TestSandbox;
let clock: ReturnType<typeof createHeldClock>;

beforeEach(async () => {
  clock = createHeldClock();
  test = await startTestSandbox({
    clock,
    delays: { runningMs: 8000, stoppedMs: 15_000, imageMs: 60_000 },
    hasLongPolls: false,
    driver: createFakeInstanceDriver({ boots: false }),
  });
});
afterEach(() => test.sandbox.close());

describe('transitions that take a while', () => {
  it('starts the machine of an instance when the time is up, and not before', async () => {
    const id = await launch();
    const before = test.driver.launches.length;

    await clock.advance(7999);
    const early = test.driver.launches.length;
    await clock.advance(1);

    expect([before, early, test.driver.launches.length]).toEqual([0, 0, 1]);
    expect(await stateOf(id)).toBe('pending');
  });

  it('never starts the machine of an instance that was terminated meanwhile', async () => {
    const id = await launch();

    await test.ec2.send(new sdk.TerminateInstancesCommand({ InstanceIds: [id] }));
    await clock.advance(8000);

    expect(test.driver.launches).toEqual([]);
    expect(await stateOf(id)).toBe('terminated');
  });

  it('refuses to stop an instance that has no machine yet', async () => {
    const id = await launch();

    const stop = test.ec2.send(new sdk.StopInstancesCommand({ InstanceIds: [id] }));

    await expect(stop).rejects.toMatchObject({ name: 'IncorrectInstanceState' });
  });

  it('counts what the machine takes itself as a part of it', async () => {
    const id = await launchRunning();

    test.driver.move(id, 'stopping');
    await clock.advance(5000);
    test.driver.move(id, 'stopped');
    await clock.advance(9999);
    const early = await stateOf(id);
    await clock.advance(1);

    expect([early, await stateOf(id)]).toEqual(['stopping', 'stopped']);
  });

  it('starts a stopped instance again after the same time', async () => {
    const id = await launchRunning();
    await test.ec2.send(new sdk.StopInstancesCommand({ InstanceIds: [id] }));
    await clock.advance(15_000);

    await test.ec2.send(new sdk.StartInstancesCommand({ InstanceIds: [id] }));
    await clock.advance(7999);
    const early = test.driver.calls.includes(`start ${id}`);
    await clock.advance(1);

    expect([early, test.driver.calls.includes(`start ${id}`)]).toEqual([false, true]);
  });
});

describe('waiters without long polls', () => {
  it('are told at once that an instance is still stopping', async () => {
    const id = await launchRunning();
    await test.ec2.send(new sdk.StopInstancesCommand({ InstanceIds: [id] }));

    const { Reservations = [] } = await aWaiter().send(new sdk.DescribeInstancesCommand({ InstanceIds: [id] }));

    expect(Reservations[0]?.Instances?.[0]?.State?.Name).toBe('stopping');
  });

  it('are told at once that an image is still pending', async () => {
    const id = await launchRunning();
    const { ImageId = '' } = await test.ec2.send(new sdk.CreateImageCommand({ InstanceId: id, Name: 'web' }));

    const { Images = [] } = await aWaiter().send(new sdk.DescribeImagesCommand({ ImageIds: [ImageId] }));

    expect(Images[0]?.State).toBe('pending');
  });

  it('hear of a boot when it is over, since until then nobody could log in', async () => {
    const id = await launch();
    await clock.advance(8000);

    const answer = aWaiter().send(new sdk.DescribeInstancesCommand({ InstanceIds: [id] }));
    await clock.advance(20_000);
    test.driver.move(id, 'running');

    expect((await answer).Reservations?.[0]?.Instances?.[0]?.State?.Name).toBe('running');
  });
});

async function launch(): Promise<string> {
  const { Instances = [] } = await test.ec2.send(
    new sdk.RunInstancesCommand({ ImageId: test.sourceAmi, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 }),
  );
  return Instances[0]?.InstanceId ?? '';
}

async function launchRunning(): Promise<string> {
  const id = await launch();
  await clock.advance(8000);
  test.driver.move(id, 'running');
  return id;
}

async function stateOf(id: string): Promise<string | undefined> {
  const { Reservations = [] } = await test.ec2.send(new sdk.DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations[0]?.Instances?.[0]?.State?.Name;
}

function aWaiter(): sdk.EC2Client {
  return new sdk.EC2Client({ ...clientOptions(test.sandbox, 'us-east-1'), customUserAgent: 'Waiter' });
}

/** Time stands still until the test moves it on. */
function createHeldClock(): SandboxClock & { advance(ms: number): Promise<void> } {
  let nowMs = Date.now();
  let sleepers: readonly { readonly wakeAt: number; readonly wake: () => void }[] = [];
  return {
    now: () => new Date(nowMs),
    wait: (durationMs, signal) =>
      new Promise((resolve) => {
        if (durationMs <= 0 || signal?.aborted === true) return resolve();
        sleepers = [...sleepers, { wakeAt: nowMs + durationMs, wake: resolve }];
        signal?.addEventListener('abort', () => resolve(), { once: true });
      }),
    async advance(ms) {
      await settle();
      nowMs += ms;
      const due = sleepers.filter(({ wakeAt }) => wakeAt <= nowMs);
      sleepers = sleepers.filter(({ wakeAt }) => wakeAt > nowMs);
      for (const { wake } of due) wake();
      await settle();
    },
  };
}

/** Lets jobs that have just been started come to their next wait. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await setImmediate();
}
