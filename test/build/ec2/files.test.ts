// Files there and back: in pieces through commands, by a bucket, over SSH.
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BuilderConfig, ScanConfig } from '../../../src/config/resolved-config.js';
import type { GuestRun } from '../../../src/sandbox/machine/guest-agent.js';
import type { FaultEffect } from '../../../src/sandbox/world/faults.js';
import { A_FAULT, aSnapshotReader } from '../../support/a-captured-disk.js';
import { type Ec2Builds, startEc2Builds } from '../../support/an-ec2-build.js';
import { anImage } from '../../support/an-image.js';
import { exitedWith } from '../../support/fake-instance-driver.js';
import { serveCollected, urlOf } from '../../support/serve-collected.js';

const BUCKET = 'build-files';
const STRICT: ScanConfig = { policy: 'baseline', failOn: 'critical', waivers: [] };
const overSsm: BuilderConfig = { ...anImage().builder, type: 'ec2', iamInstanceProfile: 'ssm' };
const byBucket: BuilderConfig = { ...overSsm, filesBucket: BUCKET };
const overSsh: BuilderConfig = {
  ...anImage().builder,
  type: 'ec2',
  communicator: 'ssh',
  sshUsername: userInfo().username,
};

let test: Ec2Builds;
let s3: S3Client;
beforeEach(async () => {
  test = await startEc2Builds();
  const { endpoint, credentials } = test.sandbox;
  s3 = new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterEach(async () => {
  s3.destroy();
  await test.close();
});

describe('files of a build over SSM', () => {
  it('go by the bucket when commands would take long, are checked on the instance, and are gone afterwards', async () => {
    const arrived: Buffer[] = [];
    test.answerWith(async (script) => await fetchAsGuest(script, arrived));

    const outcome = await test.build({ builder: byBucket, provisioners: largeFile(400_000) });

    const fetching = test.scripts.find((script) => script.includes('curl -fsS'));
    expect(arrived).toHaveLength(1);
    expect(fetching).toContain(
      createHash('sha256')
        .update(arrived[0] ?? '')
        .digest('hex'),
    );
    expect(fetching).toContain('tar -xzf');
    expect(await listObjects()).toEqual([]);
    expect(readJournal(outcome.run)).toContainEqual(
      expect.objectContaining({
        kind: 'removed',
        resource: 'object',
        id: `${BUCKET}/buildimg/${outcome.run}/payload.tar.gz`,
      }),
    );
  });

  it('keep the URL out of every argument, log and event', async () => {
    test.answerWith(async (script) => await fetchAsGuest(script, []));

    const outcome = await test.build({ builder: byBucket, provisioners: largeFile(400_000) });

    const shown =
      JSON.stringify(test.events) +
      readFileSync(outcome.logFile ?? '', 'utf8') +
      JSON.stringify(readJournal(outcome.run));
    const commands = test.scripts
      .flatMap((script) => script.split('\n'))
      .filter((line) => line.includes('X-Amz-Signature'));
    expect(shown).not.toContain('X-Amz-');
    expect(commands).toEqual([expect.stringMatching(/^url = "http/)]);
  });

  it('leave nothing in the bucket when the instance cannot fetch them, and do not show the URL', async () => {
    test.answerWith(async (script) => {
      const url = urlOf(script);
      return url === undefined ? undefined : exitedWith(22, { stderr: `curl: (22) 403 for ${url}\n` });
    });

    const failure = test.build({ builder: byBucket, provisioners: largeFile(400_000) });

    await expect(failure).rejects.toMatchObject({
      code: 'EC2_COMMAND_FAILED',
      message: expect.stringContaining('403 for ***'),
    });
    expect(await listObjects()).toEqual([]);
    expect(await test.listLeft()).toEqual([]);
  });

  it.each<readonly [string, FaultEffect]>([
    ['S3 is busy', { kind: 'error', code: 'SlowDown', status: 503 }],
    ['they never arrive', { kind: 'lost-request' }],
    ['nobody hears that they arrived', { kind: 'lost-response' }],
  ])('are sent again when %s', async (_why, effect) => {
    test.answerWith(async (script) => await fetchAsGuest(script, []));
    test.sandbox.loadFaults({ faults: [{ action: 's3:PutObject', times: 2, effect }] });

    const outcome = await test.build({ builder: byBucket, provisioners: largeFile(400_000) });

    expect(outcome.outcome).toBe('built');
    expect(await listObjects()).toEqual([]);
  });

  it('need a bucket that is there', async () => {
    const failure = test.build({ builder: { ...byBucket, filesBucket: 'nobodys' }, provisioners: largeFile(400_000) });

    await expect(failure).rejects.toMatchObject({
      code: 'BUCKET_MISSING',
      message: 'There is no bucket nobodys for the files of a build in us-east-1',
    });
    expect(await test.listLeft()).toEqual([]);
  });

  it('that are too large without a bucket are refused before anything is launched', async () => {
    const failure = test.build({ builder: overSsm, provisioners: largeFile(2_500_000) });

    await expect(failure).rejects.toMatchObject({
      code: 'EC2_PAYLOAD_TOO_LARGE',
      hint: expect.stringContaining('builder.filesBucket'),
    });
    expect(test.driver.launches).toEqual([]);
  });
});

describe.each([
  ['in pieces', overSsm],
  ['by the bucket', byBucket],
  ['over SSH', overSsh],
])('the look at the instance before it is sealed, %s', (_, builder) => {
  it('keeps what does not pass from being captured, and leaves nothing', async () => {
    serveCollected(test, A_FAULT);

    const failure = test.build({ builder, scan: STRICT });

    await expect(failure).rejects.toMatchObject({
      code: 'SCAN_FINDINGS',
      exit: 5,
      message: expect.stringMatching(/SEC-003[^]*It was not captured[^]*scan-instance\.json/),
    });
    expect(stepsOf()).not.toContain('seal');
    expect(test.driver.calls.filter((call) => call.startsWith('capture'))).toEqual([]);
    expect(await test.listLeft()).toEqual([]);
    expect(await listObjects()).toEqual([]);
  });

  it('lets pass what is in order, and then seals', async () => {
    serveCollected(test, {});
    const snapshots = {
      openSnapshot: async () =>
        await aSnapshotReader(test.root, ['snap']).openSnapshot('snap', new AbortController().signal),
    };

    const outcome = await test.build({ builder, scan: STRICT }, { aws: { ...test.aws, snapshots } });

    expect(outcome).toMatchObject({ outcome: 'built', scan: { failing: false } });
    expect(stepsOf().slice(stepsOf().indexOf('scan instance'))).toEqual(
      expect.arrayContaining(['seal', 'create image']),
    );
  });
});

function largeFile(bytes: number) {
  const source = join(test.root, 'blob');
  writeFileSync(source, randomBytes(bytes));
  return [
    { name: 'file', options: { source, destination: '/opt/blob' } },
    { name: 'seal', options: { machineId: 'empty', zeroFill: false } },
  ];
}

async function fetchAsGuest(script: string, arrived: Buffer[]): Promise<GuestRun | undefined> {
  const url = urlOf(script);
  if (url === undefined) return undefined;
  const answer = await fetch(url);
  arrived.push(Buffer.from(await answer.arrayBuffer()));
  return exitedWith(answer.ok ? 0 : 22);
}

async function listObjects(): Promise<readonly unknown[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  return Contents.map(({ Key }) => Key);
}

function readJournal(run: string): readonly unknown[] {
  const text = readFileSync(join(test.stateFolder, 'runs', run, 'journal.jsonl'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

function stepsOf(): readonly string[] {
  return test.events.flatMap((event) => (event.name === 'step.started' ? [event.step] : []));
}
