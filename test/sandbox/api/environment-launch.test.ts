// What may come between the beginning of an environment's launch and its end.
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateImageCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateApplicationCommand,
  CreateEnvironmentCommand,
  DescribeEnvironmentsCommand,
  DescribeEventsCommand,
  DescribePlatformVersionCommand,
  ElasticBeanstalkClient,
  type EnvironmentDescription,
  TerminateEnvironmentCommand,
} from '@aws-sdk/client-elastic-beanstalk';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { clientOptions, startTestSandbox, type TestSandbox } from '../../support/a-sandbox.js';
import { writeFakePacker } from '../../support/fake-packer.js';
import { orderPlatform } from '../../support/order-platform.js';
import { zipPlatform } from '../../support/platform-files.js';

const PATH = process.env.PATH;
const PLATFORM = 'arn:aws:elasticbeanstalk:us-east-1:100000000000:platform/web/1.0.0';
const NAME = 'shop-test';

let test: TestSandbox;
let eb: ElasticBeanstalkClient;
beforeEach(async () => {
  test = await startTestSandbox();
  eb = new ElasticBeanstalkClient(clientOptions(test.sandbox, 'us-east-1'));
  const folder = mkdtempSync(join(tmpdir(), 'fake-packer-'));
  process.env.PATH = `${folder}:${PATH}`;
  writeFakePacker(folder, { lines: [`ami,artifact,0,id,us-east-1:${await createImage()}`] });
  await orderPlatform(test, eb, zipPlatform());
  while ((await readPlatformStatus()) !== 'Ready') await sleep(20);
  await eb.send(new CreateApplicationCommand({ ApplicationName: 'shop' }));
});
afterEach(async () => {
  process.env.PATH = PATH;
  eb.destroy();
  await test.sandbox.close();
});

describe('TerminateEnvironment', () => {
  it('ends an environment whose instance is still being launched, and the instance', async () => {
    const instanceId = await createWithPendingInstance();

    await eb.send(new TerminateEnvironmentCommand({ EnvironmentName: NAME }));
    await untilStatus('Terminated');
    // Its machine may come to life for all that; nobody waits for it any more.
    test.driver.move(instanceId, 'running');
    await sleep(300);

    await expectNothingLeft(instanceId);
    expect(await listEvents()).not.toContainEqual(expect.stringMatching(/errors|Successfully launched/));
  });

  it('ends an environment whose instance runs and is being logged in to', async () => {
    const instanceId = await createWithPendingInstance();
    test.driver.move(instanceId, 'running');
    while (!(await listEvents()).some((message) => message.includes(`Adding instance '${instanceId}'`)))
      await sleep(20);

    await eb.send(new TerminateEnvironmentCommand({ EnvironmentName: NAME }));
    await untilStatus('Terminated');
    await sleep(300);

    await expectNothingLeft(instanceId);
  });

  it('leaves other environments as they are', async () => {
    const instanceId = await createWithPendingInstance();
    const other = await createWithPendingInstance('shop-other');

    await eb.send(new TerminateEnvironmentCommand({ EnvironmentName: NAME }));
    await untilStatus('Terminated');

    expect((await findEnvironment('shop-other'))?.Status).toBe('Launching');
    expect(test.driver.calls).toContain(`terminate ${instanceId}`);
    expect(test.driver.calls).not.toContain(`terminate ${other}`);
  });
});

describe('an environment whose instance takes longer', () => {
  it('has a warning that says why', async () => {
    const instanceId = await createWithPendingInstance();

    test.driver.notice(instanceId, 'started again without KVM, which takes longer: it hung');
    const request = new DescribeEventsCommand({ EnvironmentName: NAME, Severity: 'WARN' });
    let warnings: readonly string[] = [];
    while (warnings.length === 0) {
      await sleep(20);
      warnings = ((await eb.send(request)).Events ?? []).map(({ Message = '' }) => Message);
    }

    expect(warnings).toEqual(['started again without KVM, which takes longer: it hung']);
  });
});

describe('a sandbox that was ended while an environment was launched', () => {
  it('has neither the environment nor its instance when it starts again', async () => {
    const instanceId = await createWithPendingInstance();
    await test.sandbox.close();

    test = await startTestSandbox({ stateDir: test.sandbox.paths.stateDir, driver: test.driver });
    eb.destroy();
    eb = new ElasticBeanstalkClient(clientOptions(test.sandbox, 'us-east-1'));

    await untilStatus('Terminated');
    await expectNothingLeft(instanceId);
  });
});

/** The environment's launch has come as far as its instance, which does not boot. Gives the instance's id. */
async function createWithPendingInstance(name = NAME): Promise<string> {
  const before = test.driver.launches.length;
  test.driver.holdBoots();
  await eb.send(
    new CreateEnvironmentCommand({ ApplicationName: 'shop', EnvironmentName: name, PlatformArn: PLATFORM }),
  );
  while (test.driver.launches.length === before) await sleep(20);
  return test.driver.launches.at(-1)?.instanceId ?? '';
}

async function expectNothingLeft(instanceId: string): Promise<void> {
  while ((await readInstanceState(instanceId)) !== 'terminated') await sleep(20);
  const { Environments } = await eb.send(new DescribeEnvironmentsCommand({ IncludeDeleted: false }));
  const { KeyPairs } = await test.ec2.send(new DescribeKeyPairsCommand({}));
  const { keysDir } = test.sandbox.paths;

  expect(Environments).toEqual([]);
  expect(KeyPairs).toEqual([]);
  expect(existsSync(keysDir) ? readdirSync(keysDir) : []).toEqual([]);
}

async function readInstanceState(instanceId: string): Promise<string | undefined> {
  const { Reservations } = await test.ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
  return Reservations?.[0]?.Instances?.[0]?.State?.Name;
}

async function findEnvironment(name: string): Promise<EnvironmentDescription | undefined> {
  const request = new DescribeEnvironmentsCommand({ EnvironmentNames: [name], IncludeDeleted: true });
  return (await eb.send(request)).Environments?.[0];
}

async function untilStatus(status: string): Promise<void> {
  while ((await findEnvironment(NAME))?.Status !== status) await sleep(20);
}

async function listEvents(): Promise<readonly string[]> {
  const { Events = [] } = await eb.send(new DescribeEventsCommand({ EnvironmentName: NAME }));
  return Events.map(({ Message = '' }) => Message);
}

async function readPlatformStatus(): Promise<string | undefined> {
  const request = new DescribePlatformVersionCommand({ PlatformArn: PLATFORM });
  const found = await eb.send(request).catch(() => undefined);
  return found?.PlatformDescription?.PlatformStatus;
}

async function createImage(): Promise<string> {
  const { Instances = [] } = await test.ec2.send(
    new RunInstancesCommand({ ImageId: test.sourceAmi, MinCount: 1, MaxCount: 1 }),
  );
  const InstanceId = Instances[0]?.InstanceId ?? '';
  const { ImageId = '' } = await test.ec2.send(new CreateImageCommand({ InstanceId, Name: 'built' }));
  return ImageId;
}
