import { DescribeImagesCommand, DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Ec2Builds, startEc2Builds } from '../../support/an-ec2-build.js';
import { anImage } from '../../support/an-image.js';

let test: Ec2Builds;
beforeEach(async () => {
  test = await startEc2Builds();
});
afterEach(() => test.close());

describe('the builder ec2', () => {
  it('makes the image over SSM, without a key pair or a security group, and leaves only the image', async () => {
    test.steps.set('seal', { output: 'erased the logs\nsealed\n', exitCodes: [0] });

    const outcome = await test.build();

    const { Images = [] } = await test.ec2.send(new DescribeImagesCommand({ ImageIds: [outcome.amiId] }));
    const launch = test.driver.launches[0];
    expect(outcome.outcome).toBe('built');
    expect(Images[0]).toMatchObject({ Name: outcome.amiName, State: 'available' });
    expect(launch?.metadata.keyName).toBeUndefined();
    expect(launch?.metadata.userData).toContain('systemctl poweroff');
    expect(linesOf('seal')).toEqual(['erased the logs', 'sealed']);
    expect(await test.listLeft()).toEqual([outcome.amiId, ...outcome.snapshotIds]);
  });

  it('launches an instance that answers IMDSv2 only, ends itself, and carries its run and its end', async () => {
    const outcome = await test.build();

    const { Reservations = [] } = await test.ec2.send(new DescribeInstancesCommand({}));
    const [instance] = Reservations.flatMap(({ Instances = [] }) => Instances);
    const tags = Object.fromEntries((instance?.Tags ?? []).map(({ Key, Value }) => [Key, Value]));
    expect(instance?.MetadataOptions?.HttpTokens).toBe('required');
    expect(tags).toMatchObject({ 'buildimg:run': outcome.run, 'buildimg:image': 'web' });
    expect(Date.parse(tags['buildimg:expires'] ?? '')).toBeGreaterThan(Date.now());
  });

  it('brings output of any length whole', async () => {
    const lines = Array.from({ length: 4000 }, (_, index) => `line ${index} ✓`);
    test.steps.set('seal', { output: `${lines.join('\n')}\n`, exitCodes: [0] });

    await test.build();

    expect(linesOf('seal')).toEqual(lines);
  });

  it('says which step failed, with the end of its output, and leaves nothing', async () => {
    test.steps.set('seal', { output: 'sshd: no such option\n', exitCodes: [3] });

    const failure = test.build();

    await expect(failure).rejects.toMatchObject({
      code: 'EC2_STEP_FAILED',
      exit: 4,
      message: expect.stringContaining('failed in step "seal" with exit code 3:\nsshd: no such option'),
    });
    expect(await test.listLeft()).toEqual([]);
  });

  it('reboots for exit code 194 and runs the step again', async () => {
    test.steps.set('seal', { exitCodes: [194, 0] });

    await test.build();

    expect(test.driver.calls.filter((call) => call.startsWith('reboot'))).toHaveLength(1);
    expect(test.scripts.filter((script) => script.includes('step-0-1'))).not.toEqual([]);
  });

  it('climbs down the ladder of types and zones when EC2 has no capacity', async () => {
    test.sandbox.loadFaults({
      faults: [
        { action: 'ec2:RunInstances', times: 2, effect: { kind: 'error', code: 'InsufficientInstanceCapacity' } },
      ],
    });
    const builder = { ...anImage().builder, type: 'ec2', iamInstanceProfile: 'ssm' } as const;

    await test.build({ builder: { ...builder, fallbackInstanceTypes: ['m5.large', 't3.small'] } });

    expect(test.driver.launches.map(({ instanceType }) => instanceType)).toEqual(['t3.small']);
    const warnings = test.events.flatMap((event) => (event.name === 'warning.raised' ? [event.message] : []));
    expect(warnings.filter((message) => message.startsWith('EC2 has no capacity'))).toHaveLength(2);
  });

  it('names every rung when none has capacity', async () => {
    test.sandbox.loadFaults({
      faults: [
        { action: 'ec2:RunInstances', times: 9, effect: { kind: 'error', code: 'InsufficientInstanceCapacity' } },
      ],
    });
    const builder = { ...anImage().builder, type: 'ec2', iamInstanceProfile: 'ssm' } as const;

    const failure = test.build({ builder: { ...builder, fallbackInstanceTypes: ['m5.large'] } });

    await expect(failure).rejects.toMatchObject({
      code: 'EC2_NO_CAPACITY',
      message: expect.stringMatching(/c7i\.large: Insufficient.*m5\.large: Insufficient/),
    });
    expect(await test.listLeft()).toEqual([]);
  });

  it('captures a spot instance as it is, since EC2 stops none, and tags its request', async () => {
    const builder = { ...anImage().builder, type: 'ec2', iamInstanceProfile: 'ssm', spot: true } as const;

    const outcome = await test.build({ builder });

    const { Reservations = [] } = await test.ec2.send(new DescribeInstancesCommand({}));
    const lifecycles = Reservations.flatMap(({ Instances = [] }) => Instances.map((each) => each.InstanceLifecycle));
    expect(lifecycles).toEqual(['spot']);
    expect(stepsOf()).not.toContain('stop instance');
    expect(await test.listLeft()).toEqual([outcome.amiId, ...outcome.snapshotIds]);
  });

  it('takes an instance on demand when there is no spot instance', async () => {
    test.sandbox.loadFaults({
      faults: [
        { action: 'ec2:RunInstances', effect: { kind: 'error', code: 'MaxSpotInstanceCountExceeded' } },
        { action: 'ec2:RunInstances', effect: { kind: 'error', code: 'SpotMaxPriceTooLow' } },
      ],
    });
    const spot = { ...anImage().builder, type: 'ec2', iamInstanceProfile: 'ssm', spot: true } as const;

    await test.build({ builder: { ...spot, fallbackInstanceTypes: ['m5.large'] } });

    const { Reservations = [] } = await test.ec2.send(new DescribeInstancesCommand({}));
    const launched = Reservations.flatMap(({ Instances = [] }) => Instances);
    expect(launched.map((each) => [each.InstanceType, each.InstanceLifecycle])).toEqual([['c7i.large', undefined]]);
    expect(stepsOf()).toContain('stop instance');
  });

  it('begins again on demand when EC2 takes its spot instance away', async () => {
    const builder = { ...anImage().builder, type: 'ec2', iamInstanceProfile: 'ssm', spot: true } as const;
    let isTaken = false;
    test.answerBefore(async (script) => {
      if (!script.includes('run.sh') || isTaken) return;
      isTaken = true;
      const [launch] = test.driver.launches;
      test.driver.move(launch?.instanceId ?? '', 'terminated');
      throw new Error('the machine is gone');
    });

    const outcome = await test.build({ builder });

    const warnings = test.events.flatMap((event) => (event.name === 'warning.raised' ? [event.message] : []));
    expect(warnings).toContainEqual(expect.stringContaining('Going on with an instance on demand'));
    expect(test.driver.launches).toHaveLength(2);
    expect(await test.listLeft()).toEqual([outcome.amiId, ...outcome.snapshotIds]);
  });

  it('launches once when the reply to the launch is lost', async () => {
    test.sandbox.loadFaults({ faults: [{ action: 'ec2:RunInstances', effect: { kind: 'lost-response' } }] });

    await test.build();

    expect(test.driver.launches).toHaveLength(1);
  });

  it('registers once when the reply to CreateImage is lost', async () => {
    test.sandbox.loadFaults({ faults: [{ action: 'ec2:CreateImage', effect: { kind: 'lost-response' } }] });

    const outcome = await test.build();

    expect(await test.listLeft()).toEqual([outcome.amiId, ...outcome.snapshotIds]);
  });

  it('sends no secret through SSM, whose history keeps every command', async () => {
    const provisioners = [{ name: 'shell', options: { inline: ['echo hunter22 >/etc/token'], runAs: 'root' } }];

    const failure = test.build({ provisioners }, { secrets: ['hunter22'] });

    await expect(failure).rejects.toMatchObject({ code: 'EC2_SECRETS', exit: 2 });
    expect(test.driver.launches).toEqual([]);
  });

  it('waits for an agent that is late or goes away, and for commands that SSM does not know yet', async () => {
    test.sandbox.loadFaults({
      faults: [
        {
          action: 'ssm:DescribeInstanceInformation',
          times: 5,
          effect: { kind: 'answer', output: { InstanceInformationList: [] } },
        },
        { action: 'ssm:SendCommand', skip: 1, times: 2, effect: { kind: 'error', code: 'InvalidInstanceId' } },
        { action: 'ssm:GetCommandInvocation', times: 3, effect: { kind: 'error', code: 'InvocationDoesNotExist' } },
      ],
    });

    const outcome = await test.build();

    expect(outcome.outcome).toBe('built');
  });

  it('says that the image failed, and leaves nothing of it', async () => {
    test.sandbox.loadFaults({
      faults: [{ action: 'sandbox:capture', effect: { kind: 'error', code: 'x', message: 'the disk is gone' } }],
    });

    await expect(test.build()).rejects.toMatchObject({ code: 'IMAGE_NOT_VERIFIED', exit: 4 });
    expect(await test.listLeft()).toEqual([]);
  });
});

function linesOf(step: string): readonly string[] {
  return test.events.flatMap((event) => (event.name === 'output.received' && event.step === step ? [event.line] : []));
}

function stepsOf(): readonly string[] {
  return test.events.flatMap((event) => (event.name === 'step.started' ? [event.step] : []));
}
