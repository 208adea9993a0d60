import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type AwsFleet, openAwsFleet } from '../../src/aws/aws-fleet.js';
import type { LaunchOrder } from '../../src/aws/ec2-ports.js';
import { systemClock } from '../../src/build/context.js';
import { startTestSandbox, type TestSandbox } from '../support/a-sandbox.js';

const REGION = 'us-east-1';

describe('openAwsFleet', () => {
  let test: TestSandbox;
  let fleet: AwsFleet;
  let seen = 0;

  beforeAll(async () => {
    test = await startTestSandbox();
    const { accessKeyId, secretAccessKey } = test.sandbox.credentials;
    const environment = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
    const clock = { now: () => systemClock.now(), sleep: hasten };
    fleet = openAwsFleet({ endpoint: test.sandbox.endpoint, environment }, { clock, random: () => 0.5 });
  });

  beforeEach(() => {
    test.sandbox.loadFaults({});
    seen = test.log.length;
  });

  afterAll(async () => {
    fleet.close();
    await test.sandbox.close();
  });

  it('launches every instance once although EC2 refuses most calls, none twice by a lost token', async () => {
    test.sandbox.loadFaults({ throttles: [{ action: 'ec2:RunInstances', burst: 2, perSecond: 20 }] });
    const before = test.driver.launches.length;

    const ids = await Promise.all(
      builds(12).map((name) => open(name).instances.launch(anOrder({ clientToken: `token of ${name}` }))),
    );

    expect(new Set(ids).size).toBe(12);
    expect(test.driver.launches.length - before).toBe(12);
    expect(calls('ec2:RunInstances RequestLimitExceeded').length).toBeGreaterThan(0);
  });

  it('asks EC2 together for the instances of all builds, and misses only the one that is not there', async () => {
    const ids = await Promise.all(
      builds(5).map((name) => open(name).instances.launch(anOrder({ clientToken: `batch ${name}` }))),
    );

    const views = await Promise.all(
      [...ids, 'i-00000000000000000'].map((id) => open(`build of ${id}`).instances.findInstance(id)),
    );

    expect(views.map((view) => view?.id)).toEqual([...ids, undefined]);
    expect(calls('ec2:DescribeInstances')).toHaveLength(1);
  });

  it('finds for each run what is its own', async () => {
    const runs = builds(4);
    const ids = await Promise.all(
      runs.map((run) =>
        open(run).instances.launch(anOrder({ clientToken: `own ${run}`, tags: { 'buildimg:run': run } })),
      ),
    );

    const found = await Promise.all(runs.map((run) => open(run).resources.findInstances({ run, keyNames: [] })));
    const everything = await open('listing').resources.findInstances({ run: 'build-*', keyNames: [] });

    expect(found.map((instances) => instances.map(({ id }) => id))).toEqual(ids.map((id) => [id]));
    expect(everything).toHaveLength(4);
    expect(calls('ec2:DescribeInstances')).toHaveLength(2);
  });

  it('asks for a source image of many builds once, and tells only who asked for a wrong one', async () => {
    const results = await Promise.all(
      [test.sourceAmi, test.sourceAmi, 'ami-00000000000000000'].map((id, index) =>
        open(`build ${index}`).catalog.findImage(id),
      ),
    );

    expect(results.map((image) => image?.id)).toEqual([test.sourceAmi, test.sourceAmi, undefined]);
  });

  it('tells commands that run from those that have ended by one list', async () => {
    const open4 = builds(4).map((name) => open(name));
    const ids = await Promise.all(
      open4.map(({ instances }, index) =>
        instances.launch(anOrder({ clientToken: `commands ${index}`, instanceProfile: 'ssm' })),
      ),
    );
    let release: (() => void) | undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    test.driver.answerScripts(async ({ script }) => {
      if (script.includes('slow')) await held;
      return { kind: 'exited', exitCode: 0, stdout: Buffer.from('done'), stderr: Buffer.alloc(0) };
    });
    const commands = await Promise.all(
      open4.map(({ commands }, index) =>
        commands.send({
          instanceId: ids[index] ?? '',
          script: index === 0 ? 'quick' : 'slow',
          comment: '',
          timeoutSeconds: 60,
        }),
      ),
    );
    await systemClock.sleep(200, new AbortController().signal);

    const results = await Promise.all(
      open4.map(({ commands: access }, index) => access.findResult(commands[index] ?? '', ids[index] ?? '')),
    );
    release?.();

    expect(results.map((result) => result?.isEnded)).toEqual([true, false, false, false]);
    expect(results[0]?.stdout).toBe('done');
    expect(calls('ssm:ListCommandInvocations')).toHaveLength(1);
    expect(calls('ssm:GetCommandInvocation')).toHaveLength(1);
  });

  it('asks for the account once', async () => {
    const accounts = await Promise.all(builds(5).map((name) => open(name).findAccount()));

    expect(new Set(accounts).size).toBe(1);
    expect(calls('sts:GetCallerIdentity').length).toBeLessThanOrEqual(1);
  });

  it('does not send what would make something any more when the build was interrupted', async () => {
    const stop = new AbortController();
    stop.abort(new Error('interrupted'));
    const { instances } = fleet.open(REGION, { name: 'interrupted', signal: stop.signal });

    const launch = instances.launch(anOrder({ clientToken: 'never' }));

    await expect(launch).rejects.toThrow(/interrupted/);
    expect(calls('ec2:RunInstances')).toHaveLength(0);
    await expect(instances.findInstance('i-00000000000000000')).resolves.toBeUndefined();
  });

  function open(name: string) {
    return fleet.open(REGION, { name, signal: new AbortController().signal });
  }

  function calls(what: string): readonly string[] {
    return test.log.slice(seen).filter((line) => line.includes(`${REGION} ${what}`));
  }

  function anOrder(changes: Partial<LaunchOrder>): LaunchOrder {
    return {
      clientToken: 'token',
      imageId: test.sourceAmi,
      instanceType: 't3.small',
      isSpot: false,
      instanceProfile: 'ssm',
      userData: '',
      tags: {},
      ...changes,
    };
  }
});

function builds(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `build-${index + 1}`);
}

/** Waits for AWS's bucket stay as long as they are; nothing else has to be waited for. */
function hasten(delayMs: number, signal: AbortSignal): Promise<void> {
  return systemClock.sleep(Math.min(delayMs, 100), signal);
}
