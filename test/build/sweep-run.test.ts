import { describe, expect, it } from '@jest/globals';
import { RUN_TAG } from '../../src/aws/ports.js';
import type { RunTraces } from '../../src/build/find-traces.js';
import { sweepRun } from '../../src/build/sweep-run.js';
import { createFakeClock } from '../support/fake-clock.js';
import { aMachineImage, countLooks, createFakeEc2, type FakeEc2 } from '../support/fake-ec2.js';

const RUN = 'r-20260102t030405-1a2b3c4d';
const TRACES: RunTraces = {
  run: RUN,
  startedAt: Date.parse('2026-01-02T03:04:05Z'),
  amiName: 'web-x86_64-1.0.0-0a0b0c0d',
  learned: [
    { kind: 'key-pair', id: 'packer_1' },
    { kind: 'security-group', id: 'packer_2' },
    { kind: 'instance', id: 'i-1' },
  ],
};

describe('sweepRun', () => {
  it('removes everything that an interrupted run leaves, in rounds until dependencies are gone', async () => {
    const ec2 = aBrokenOffRun();
    const removed: string[] = [];

    const left = await sweep(ec2, TRACES, { onRemoved: (kind, id) => removed.push(`${kind} ${id}`) });

    expect(left).toEqual([]);
    expect(remaining(ec2)).toEqual([]);
    expect(removed).toEqual(
      expect.arrayContaining([
        'instance i-1',
        'key-pair packer_1',
        'security-group sg-1',
        'image ami-1',
        'snapshot snap-1',
      ]),
    );
  });

  it('removes a pending image that carries no tag yet, known by the instance that it is made of', async () => {
    const ec2 = createFakeEc2();
    ec2.instances.set('i-1', { state: 'stopped', run: RUN });
    ec2.images.set(
      'ami-1',
      aMachineImage({ id: 'ami-1', name: TRACES.amiName ?? '', state: 'pending', sourceInstanceId: 'i-1' }),
    );

    const left = await sweep(ec2);

    expect(left).toEqual([]);
    expect(ec2.images.size).toBe(0);
  });

  it('leaves alone what belongs to another run, whatever packer’s output claimed', async () => {
    const ec2 = createFakeEc2();
    ec2.instances.set('i-foreign', { state: 'running', run: 'r-other' });
    ec2.images.set(
      'ami-foreign',
      aMachineImage({ id: 'ami-foreign', name: TRACES.amiName ?? '', tags: { [RUN_TAG]: 'r-other' } }),
    );
    ec2.images.set('ami-named', aMachineImage({ id: 'ami-named', name: 'somebody-elses' }));
    ec2.snapshots.set('snap-foreign', { ofInstance: 'i-foreign' });
    const forged: RunTraces = {
      ...TRACES,
      learned: [
        { kind: 'instance', id: 'i-foreign' },
        { kind: 'image', id: 'ami-foreign' },
        { kind: 'image', id: 'ami-named' },
      ],
    };

    const left = await sweep(ec2, forged);

    expect(left).toEqual([]);
    expect(remaining(ec2)).toEqual(['i-foreign', 'ami-foreign', 'ami-named', 'snap-foreign']);
  });

  it('believes a name only of what nobody else has tagged, uses or had before the run', async () => {
    const ec2 = createFakeEc2();
    const old = '2026-01-01T00:00:00.000Z';
    ec2.keyPairs.set('packer_other', { run: 'r-other' });
    ec2.keyPairs.set('packer_old', { createdAt: old });
    ec2.keyPairs.set('packer_used', {});
    ec2.instances.set('i-foreign', { state: 'running', keyName: 'packer_used' });
    ec2.securityGroups.set('sg-other', { name: 'packer_other', run: 'r-other' });
    ec2.securityGroups.set('sg-web', { name: 'packer_web', description: 'the web servers' });
    ec2.snapshots.set('snap-other', { run: 'r-other', ofInstance: 'i-1' });
    ec2.snapshots.set('snap-old', { ofInstance: 'i-1', createdAt: old });
    ec2.instances.set('i-1', { state: 'terminated', run: RUN });
    const before = remaining(ec2);
    const named: RunTraces = {
      ...TRACES,
      learned: [
        ...['packer_other', 'packer_old', 'packer_used'].map((id) => ({ kind: 'key-pair', id }) as const),
        ...['packer_other', 'packer_web'].map((id) => ({ kind: 'security-group', id }) as const),
      ],
    };

    const left = await sweep(ec2, named);

    expect(left).toEqual([]);
    expect(remaining(ec2)).toEqual(before);
  });

  it('finds the key pair of a run by its name and all that bears its tag, though nobody announced it', async () => {
    const ec2 = createFakeEc2();
    ec2.keyPairs.set(`packer_${RUN}`, { createdAt: '2026-01-02T03:04:06.000Z' });
    ec2.keyPairs.set('packer_tagged', { run: RUN });
    ec2.securityGroups.set('sg-tagged', { name: 'packer_9', run: RUN });
    ec2.instances.set('i-1', { state: 'running', run: RUN, keyName: `packer_${RUN}` });

    const left = await sweep(ec2, { ...TRACES, learned: [] });

    expect(left).toEqual([]);
    expect(remaining(ec2)).toEqual([]);
  });

  it.each([
    [
      'an image copied with its tags under another name',
      'ami-copy',
      'Copied for DestinationAmi ami-copy from SourceAmi ami-1',
    ],
    [
      'the image of an instance that was launched with copied tags',
      'ami-more',
      'Created by CreateImage(i-more) for ami-more',
    ],
  ])('leaves alone %s, and its snapshot', async (_what, id, description) => {
    const ec2 = aBrokenOffRun();
    const copy = aMachineImage({ id, name: 'not-from-a-build', tags: { [RUN_TAG]: RUN }, snapshotIds: ['snap-copy'] });
    ec2.images.set(id, copy);
    ec2.snapshots.set('snap-copy', { run: RUN, description });

    const left = await sweep(ec2);

    expect(left).toEqual([]);
    expect(remaining(ec2)).toEqual([id, 'snap-copy']);
  });

  it('leaves alone a snapshot that was copied with its tags', async () => {
    const ec2 = aBrokenOffRun();
    const description = '[Copied snap-1 from us-east-1] Created by CreateImage(i-1) for ami-1';
    ec2.snapshots.set('snap-copy', { run: RUN, description });

    expect(await sweep(ec2)).toEqual([]);
    expect(remaining(ec2)).toEqual(['snap-copy']);
  });

  it('removes the snapshot of a copy of its own in the round after the image, when only the description leads to it', async () => {
    const ec2 = createFakeEc2();
    ec2.images.set('ami-2', anOwnImage('ami-2', []));
    ec2.snapshots.set('snap-2', { run: RUN, description: 'Copied for DestinationAmi ami-2 from SourceAmi ami-1 for' });
    const deleteSnapshot = async (id: string) => {
      if (ec2.images.size > 0 || round < 2) throw new Error('in use');
      await ec2.resources.deleteSnapshot(id);
    };
    let round = 0;
    const findImages = async (query: Parameters<typeof ec2.resources.findImages>[0]) => {
      round += 1;
      return await ec2.resources.findImages(query);
    };

    const left = await sweep(ec2, TRACES, { resources: { ...ec2.resources, deleteSnapshot, findImages } });

    expect(left).toEqual([]);
    expect(remaining(ec2)).toEqual([]);
  });

  it('keeps the finished image and its snapshots when the build went well', async () => {
    const ec2 = createFakeEc2();
    ec2.images.set('ami-1', anOwnImage('ami-1', ['snap-1']));
    ec2.snapshots.set('snap-1', { run: RUN });
    ec2.keyPairs.set('packer_1', {});

    const left = await sweep(ec2, TRACES, { keepImage: { id: 'ami-1', snapshotIds: ['snap-1'] } });

    expect(left).toEqual([]);
    expect(remaining(ec2)).toEqual(['ami-1', 'snap-1']);
  });

  it('says at once what it may not remove, and still removes the rest', async () => {
    const ec2 = createFakeEc2();
    ec2.instances.set('i-1', { state: 'running', run: RUN });
    ec2.forbidden.add('i-1');
    ec2.keyPairs.set('packer_1', {});
    const clock = createFakeClock();

    const left = await sweep(ec2, TRACES, { clock });

    expect(left).toEqual([{ kind: 'instance', id: 'i-1', reason: expect.stringContaining('ec2:TerminateInstances') }]);
    expect(ec2.keyPairs.size).toBe(0);
    expect(clock.slept.length).toBeLessThan(3);
  });

  it('gives up when the time is up and says what is still there', async () => {
    const ec2 = createFakeEc2();
    ec2.instances.set('i-1', { state: 'running', run: RUN });
    ec2.shutdownSightings = Number.POSITIVE_INFINITY;

    const left = await sweep(ec2, TRACES, { limitMs: 30_000 });

    expect(left).toEqual([{ kind: 'instance', id: 'i-1', reason: 'still there when the time was up' }]);
  });

  it('says that anything may be left when EC2 cannot be asked', async () => {
    const ec2 = createFakeEc2();
    const resources = { ...ec2.resources, findInstances: () => Promise.reject(new Error('no route')) };

    const left = await sweep({ ...ec2, resources }, TRACES, { limitMs: 5000 });

    expect(left).toEqual([{ kind: 'unknown', id: RUN, reason: 'no route' }]);
  });
});

function anOwnImage(id: string, snapshotIds: readonly string[]) {
  return aMachineImage({ id, name: TRACES.amiName ?? '', tags: { [RUN_TAG]: RUN }, snapshotIds });
}

function aBrokenOffRun(): FakeEc2 {
  const ec2 = createFakeEc2();
  ec2.instances.set('i-1', { state: 'running', run: RUN, keyName: 'packer_1' });
  ec2.images.set('ami-1', anOwnImage('ami-1', ['snap-1']));
  ec2.snapshots.set('snap-1', {});
  ec2.volumes.set('vol-1', { run: RUN, state: 'available' });
  ec2.keyPairs.set('packer_1', {});
  ec2.securityGroups.set('sg-1', { name: 'packer_2' });
  return ec2;
}

describe('what is looked for', () => {
  it.each([
    ['twice, since EC2 may not show yet what was made just now', {}, 2],
    ['once when nothing has been made for a while', { isSettled: true }, 1],
  ])('is looked for %s', async (_why, options, looks) => {
    const ec2 = createFakeEc2();
    const { resources, count } = countLooks(ec2.resources);

    const left = await sweep(ec2, TRACES, { resources, ...options });

    expect(left).toEqual([]);
    expect(count()).toBe(looks);
  });

  it('is removed all the same when nothing has been made for a while', async () => {
    const ec2 = aBrokenOffRun();

    const left = await sweep(ec2, TRACES, { isSettled: true });

    expect(left).toEqual([]);
    expect(remaining(ec2)).toEqual([]);
  });
});

function sweep(ec2: FakeEc2, traces = TRACES, options: Partial<Parameters<typeof sweepRun>[1]> = {}) {
  return sweepRun(traces, {
    resources: ec2.resources,
    clock: createFakeClock(),
    signal: new AbortController().signal,
    limitMs: 600_000,
    onRemoved: () => undefined,
    ...options,
  });
}

function remaining(ec2: FakeEc2): readonly string[] {
  const instances = [...ec2.instances].filter(([, { state }]) => state !== 'terminated').map(([id]) => id);
  return [
    ...instances,
    ...ec2.images.keys(),
    ...ec2.snapshots.keys(),
    ...ec2.volumes.keys(),
    ...ec2.keyPairs.keys(),
    ...ec2.securityGroups.keys(),
  ];
}
