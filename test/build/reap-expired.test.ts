import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeInstancesCommand, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createBuildContext, systemClock } from '../../src/build/context.js';
import { type ExpiredScope, findExpired, removeExpired } from '../../src/build/reap-expired.js';
import { type Ec2Builds, startEc2Builds } from '../support/an-ec2-build.js';
import { withTemporaryFolder } from '../support/temporary-folder.js';

let test: Ec2Builds;
beforeEach(async () => {
  test = await startEc2Builds();
});
afterEach(() => test.close());

const PAST = '2026-01-01T00:00:00.000Z';
const FUTURE = '2099-01-01T00:00:00.000Z';

async function launch(tags: Readonly<Record<string, string>>): Promise<string> {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const { Instances: [instance] = [] } = await test.ec2.send(
    new RunInstancesCommand({
      ImageId: test.sourceAmi,
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      TagSpecifications: (['instance', 'volume'] as const).map((ResourceType) => ({ ResourceType, Tags })),
    }),
  );
  return instance?.InstanceId ?? '';
}

async function listAlive(): Promise<readonly (string | undefined)[]> {
  const { Reservations = [] } = await test.ec2.send(new DescribeInstancesCommand({}));
  const instances = Reservations.flatMap(({ Instances = [] }) => Instances);
  return instances.filter(({ State }) => State?.Name === 'running').map(({ InstanceId }) => InstanceId);
}

function scopeOf(stateFolder: string): ExpiredScope {
  const context = { ...createBuildContext({ XDG_STATE_HOME: stateFolder }, () => undefined), clock: systemClock };
  return { aws: test.aws, context, signal: new AbortController().signal };
}

describe('reap --expired', () => {
  it('removes only what carries the tag of a run and has outlived its own expiry', () =>
    withTemporaryFolder(async (folder) => {
      const expired = await launch({ 'buildimg:run': 'r-lost', 'buildimg:expires': PAST });
      const kept = [
        await launch({ 'buildimg:run': 'r-lost', 'buildimg:expires': FUTURE }),
        await launch({ 'buildimg:run': 'r-lost' }),
        await launch({ 'buildimg:expires': PAST }),
        await launch({ 'buildimg:run': 'r-odd', 'buildimg:expires': 'soon' }),
      ];
      const scope = scopeOf(folder);

      const found = await findExpired(scope);
      const left = await removeExpired(found, scope);

      expect(found).toMatchObject([
        { kind: 'instance', id: expired, run: 'r-lost', expires: PAST, isGoing: false },
        { kind: 'volume', isGoing: true },
      ]);
      expect(left).toEqual([]);
      expect(await listAlive()).toEqual(kept);
    }));

  it('leaves the image of a build that went well', () =>
    withTemporaryFolder(async (folder) => {
      const outcome = await test.build();
      const later = { ...scopeOf(folder) };
      const clock = { ...systemClock, now: () => Date.parse(FUTURE) };

      const found = await findExpired({ ...later, context: { ...later.context, clock } });

      expect(found).toEqual([]);
      expect(await test.listLeft()).toEqual([outcome.amiId, ...outcome.snapshotIds]);
    }));

  it('leaves a run whose journal is on this machine to reap itself', () =>
    withTemporaryFolder(async (folder) => {
      const run = join(folder, 'buildimg', 'runs', 'r-here');
      mkdirSync(run, { recursive: true });
      const started = { kind: 'started', sequence: 1, time: PAST, run: 'r-here', image: 'web', region: 'us-east-1' };
      writeFileSync(join(run, 'journal.jsonl'), `${JSON.stringify(started)}\n`);
      await launch({ 'buildimg:run': 'r-here', 'buildimg:expires': PAST });

      expect(await findExpired(scopeOf(folder))).toEqual([]);
    }));

  it('says what would not go away', () =>
    withTemporaryFolder(async (folder) => {
      const id = await launch({ 'buildimg:run': 'r-lost', 'buildimg:expires': PAST });
      test.sandbox.loadFaults({
        faults: [
          { action: 'ec2:TerminateInstances', times: 1, effect: { kind: 'error', code: 'OperationNotPermitted' } },
        ],
      });
      const scope = scopeOf(folder);

      const left = await removeExpired(await findExpired(scope), scope);

      expect(left).toEqual([{ kind: 'instance', id, reason: expect.stringContaining('OperationNotPermitted') }]);
    }));
});
