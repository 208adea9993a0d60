// What a client reads about a machine that did not do what it should: the reason is QEMU's, not "it ended".
import * as sdk from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestSandbox, systemClock, type TestSandbox } from '../../support/a-sandbox.js';
import { createFakeInstanceDriver } from '../../support/fake-instance-driver.js';

let test: TestSandbox;
beforeEach(async () => {
  test = await startTestSandbox({ driver: createFakeInstanceDriver({ boots: false }) });
});
afterEach(async () => {
  await test.sandbox.close();
});

describe('the state reason of an instance', () => {
  it('tells while it is pending that its machine was started again, and so does the log', async () => {
    const id = await launch();

    test.driver.notice(id, 'started again without KVM, which takes longer: it hung');
    const pending = await describeInstance(id);
    test.driver.move(id, 'running');
    await systemClock.wait(100);

    expect(pending).toMatchObject({ State: { Name: 'pending' }, StateReason: { Code: 'pending' } });
    expect(pending.StateReason?.Message).toBe('pending: started again without KVM, which takes longer: it hung');
    expect(await describeInstance(id)).toMatchObject({ State: { Name: 'running' } });
    expect((await describeInstance(id)).StateReason?.Message).toBe('running');
    expect(test.log.join('\n')).toContain(`${id}: started again without KVM, which takes longer: it hung`);
  });

  it.each([
    ['pending', 'stop', 'stopped'],
    ['running', 'stop', 'stopped'],
    ['running', 'terminate', 'terminated'],
  ] as const)('has QEMU’s last words when a %s machine dies that is to %s', async (state, behavior, end) => {
    const id = await launch({ InstanceInitiatedShutdownBehavior: behavior });
    if (state === 'running') test.driver.move(id, 'running');

    test.driver.move(id, 'stopped', 'qemu: failed to set MSR 0x10a');
    await untilState(id, end);

    expect((await describeInstance(id)).StateReason).toEqual({
      Code: 'Server.InternalError',
      Message: 'Server.InternalError: the machine ended by itself: qemu: failed to set MSR 0x10a',
    });
  });

  it('is the guest’s own when the guest powered itself off', async () => {
    const id = await launch();
    test.driver.move(id, 'running');

    test.driver.move(id, 'stopped');
    await untilState(id, 'stopped');

    expect((await describeInstance(id)).StateReason?.Code).toBe('Client.InstanceInitiatedShutdown');
  });

  it('is the user’s when the user stopped it, whatever QEMU says at its end', async () => {
    const id = await launch();
    test.driver.move(id, 'running');
    await systemClock.wait(100);

    await test.ec2.send(new sdk.StopInstancesCommand({ InstanceIds: [id] }));
    test.driver.move(id, 'stopped', 'qemu: terminating on signal 15');
    await untilState(id, 'stopped');

    expect((await describeInstance(id)).StateReason?.Code).toBe('Client.UserInitiatedShutdown');
  });
});

async function launch(changes: Partial<sdk.RunInstancesCommandInput> = {}): Promise<string> {
  const request = { ImageId: test.sourceAmi, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, ...changes } as const;
  const { Instances: [instance] = [] } = await test.ec2.send(new sdk.RunInstancesCommand(request));
  return instance?.InstanceId ?? '';
}

async function describeInstance(id: string): Promise<sdk.Instance> {
  const { Reservations } = await test.ec2.send(new sdk.DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations?.[0]?.Instances?.[0] ?? {};
}

async function untilState(id: string, state: string): Promise<void> {
  while ((await describeInstance(id)).State?.Name !== state) await systemClock.wait(50);
}
