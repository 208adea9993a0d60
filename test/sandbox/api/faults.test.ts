import * as sdk from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { clientOptions, startTestSandbox, systemClock, type TestSandbox } from '../../support/a-sandbox.js';

let test: TestSandbox;
let offsetMs: number;
beforeEach(async () => {
  offsetMs = 0;
  test = await startTestSandbox({ clock: { ...systemClock, now: () => new Date(Date.now() + offsetMs) } });
});
afterEach(() => test.sandbox.close());

describe('what is not seen at first', () => {
  it('is found by the call after those that miss it, also in lists', async () => {
    test.sandbox.loadFaults({ unseen: [{ kind: 'instance', calls: 2 }] });
    const id = await launch();

    await expect(describeInstance(id)).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
    const listed = await test.ec2.send(new sdk.DescribeInstancesCommand({}));
    const found = await describeInstance(id);

    expect(listed.Reservations).toEqual([]);
    expect(found.Reservations?.[0]?.Instances?.[0]?.InstanceId).toBe(id);
  });

  it('is found when its time is over', async () => {
    test.sandbox.loadFaults({ unseen: [{ kind: 'image', ms: 30_000 }] });
    const { ImageId = '' } = await copy();

    await expect(describeImage(ImageId)).rejects.toMatchObject({ name: 'InvalidAMIID.NotFound' });
    offsetMs = 31_000;

    expect((await describeImage(ImageId)).Images).toHaveLength(1);
  });

  it('is only what is new, in the region that the plan names', async () => {
    const { ImageId: older = '' } = await copy();
    offsetMs = 1000;
    test.sandbox.loadFaults({ unseen: [{ kind: 'image', calls: 1, region: 'eu-west-1' }] });

    const { ImageId: newer = '' } = await copy({ Name: 'web-2' });

    expect((await describeImage(older)).Images).toHaveLength(1);
    expect((await describeImage(newer)).Images).toHaveLength(1);
  });
});

describe('throttles', () => {
  it('are for each account, region and action, and fill up again', async () => {
    const other = await test.sandbox.addAccount({ accountId: '222222222222', memberOf: [] });
    const theirs = new sdk.EC2Client({ ...clientOptions(test.sandbox, 'us-east-1'), credentials: other });
    test.sandbox.loadFaults({ throttles: [{ action: 'ec2:*', burst: 1, perSecond: 0.01 }] });
    await listRegions(test.ec2);

    await expect(listRegions(test.ec2)).rejects.toMatchObject({ name: 'RequestLimitExceeded' });
    await listRegions(test.ec2In('eu-west-1'));
    await listRegions(theirs);
    await test.ec2.send(new sdk.DescribeImagesCommand({}));
    offsetMs = 101_000;

    expect((await listRegions(test.ec2)).Regions).toHaveLength(17);
  });
});

describe('faults', () => {
  it('happen where the request says what they wait for', async () => {
    test.sandbox.loadFaults({
      faults: [
        {
          action: 'ec2:RunInstances',
          times: 9,
          where: { InstanceType: 't3.micro', 'Placement.AvailabilityZone': 'us-east-1a' },
          effect: { kind: 'error', code: 'InsufficientInstanceCapacity' },
        },
      ],
    });

    const full = launch({ Placement: { AvailabilityZone: 'us-east-1a' } });
    await expect(full).rejects.toMatchObject({ name: 'InsufficientInstanceCapacity' });
    expect(await launch({ Placement: { AvailabilityZone: 'us-east-1b' } })).toMatch(/^i-/);
    expect(await launch({ InstanceType: 't3.small', Placement: { AvailabilityZone: 'us-east-1a' } })).toMatch(/^i-/);
  });

  it('happen to one account', async () => {
    test.sandbox.loadFaults({
      faults: [
        {
          action: 'ec2:DescribeRegions',
          account: '222222222222',
          effect: { kind: 'error', code: 'UnauthorizedOperation' },
        },
      ],
    });

    expect((await test.ec2.send(new sdk.DescribeRegionsCommand({}))).Regions).toHaveLength(17);
  });

  it.each([[{ unseen: [{ kind: 'planet', calls: 1 }] }], [{ unseen: [{ kind: 'image' }] }], [{ unseen: {} }]])(
    'are refused as %j',
    (plan) => {
      expect(() => test.sandbox.loadFaults(plan as never)).toThrow('The fault plan cannot be used');
    },
  );
});

describe('spot instances', () => {
  it('are marked as such, and cannot be stopped', async () => {
    const id = await launch({ InstanceMarketOptions: { MarketType: 'spot', SpotOptions: { MaxPrice: '0.05' } } });
    await launch();

    const { Reservations } = await test.ec2.send(
      new sdk.DescribeInstancesCommand({ Filters: [{ Name: 'instance-lifecycle', Values: ['spot'] }] }),
    );

    expect(Reservations?.map(({ Instances }) => Instances?.[0])).toMatchObject([
      { InstanceId: id, InstanceLifecycle: 'spot', SpotInstanceRequestId: expect.stringMatching(/^sir-[0-9a-f]{8}$/) },
    ]);
    const stop = test.ec2.send(new sdk.StopInstancesCommand({ InstanceIds: [id] }));
    await expect(stop).rejects.toMatchObject({ name: 'UnsupportedOperation' });
  });

  it('run out alone when the fault plan says so', async () => {
    test.sandbox.loadFaults({
      faults: [
        {
          action: 'ec2:RunInstances',
          where: { 'InstanceMarketOptions.MarketType': 'spot' },
          effect: { kind: 'error', code: 'InsufficientInstanceCapacity' },
        },
      ],
    });

    expect(await launch()).toMatch(/^i-/);
    const spot = launch({ InstanceMarketOptions: { MarketType: 'spot' } });
    await expect(spot).rejects.toMatchObject({ name: 'InsufficientInstanceCapacity' });
  });

  it.each<[string, sdk.SpotMarketOptions, string]>([
    ['a price that is none', { MaxPrice: 'cheap' }, 'InvalidParameterValue'],
    ['a persistent request', { SpotInstanceType: 'persistent' }, 'InvalidParameterValue'],
    ['an interruption that stops', { InstanceInterruptionBehavior: 'stop' }, 'InvalidParameterCombination'],
  ])('are refused with %s', async (_what, SpotOptions, name) => {
    const spot = launch({ InstanceMarketOptions: { MarketType: 'spot', SpotOptions } });

    await expect(spot).rejects.toMatchObject({ name });
  });
});

function listRegions(ec2: sdk.EC2Client) {
  return ec2.send(new sdk.DescribeRegionsCommand({}));
}

async function launch(changes: Partial<sdk.RunInstancesCommandInput> = {}): Promise<string> {
  const { Instances = [] } = await test.ec2.send(
    new sdk.RunInstancesCommand({
      ImageId: test.sourceAmi,
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      ...changes,
    }),
  );
  return Instances[0]?.InstanceId ?? '';
}

function describeInstance(id: string) {
  return test.ec2.send(new sdk.DescribeInstancesCommand({ InstanceIds: [id] }));
}

function describeImage(id: string) {
  return test.ec2.send(new sdk.DescribeImagesCommand({ ImageIds: [id] }));
}

function copy(changes: Partial<sdk.CopyImageCommandInput> = {}) {
  const input = { Name: 'web-1', SourceImageId: test.sourceAmi, SourceRegion: 'us-east-1', ...changes };
  return test.ec2.send(new sdk.CopyImageCommand(input));
}
