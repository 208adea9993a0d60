import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { EBSClient } from '@aws-sdk/client-ebs';
import {
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  DisableEbsEncryptionByDefaultCommand,
  EnableEbsEncryptionByDefaultCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Registration } from '../../../src/build/register/registration.js';
import { createError } from '../../../src/errors.js';
import type { FaultEffect } from '../../../src/sandbox/world/faults.js';
import { openBlockTree } from '../../../src/scan/tree/image/open-disk-image-tree.js';
import { A_FAULT, writeSystem } from '../../support/a-captured-disk.js';
import { aDisk, aRegistration, type Registrations, startRegistrations } from '../../support/a-registration.js';
import { clientOptions } from '../../support/a-sandbox.js';
import { makeExtImage, noSignal } from '../../support/scan-fixtures.js';
import { aBlock, uploadSnapshot } from '../../support/upload-snapshot.js';

let test: Registrations;
let disk: string;
let folder: string;
beforeAll(async () => {
  test = await startRegistrations();
});
beforeEach(() => {
  folder = mkdtempSync(join(test.folder, 'disk-'));
  disk = join(folder, 'disk.img');
});
afterEach(() => test.clear());
afterAll(() => test.close());

describe('registering a disk', () => {
  it('makes an image of it that demands IMDSv2, has ENA, and carries its run', async () => {
    const content = aDisk(disk, { 0: 1 });

    const outcome = await test.register(aRegistration(disk, content.length));

    const { Images = [] } = await test.ec2.send(new DescribeImagesCommand({ ImageIds: [outcome.amiId] }));
    const { Snapshots = [] } = await test.ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
    expect(Images[0]).toMatchObject({
      Name: 'web-1',
      State: 'available',
      Architecture: 'x86_64',
      BootMode: 'uefi-preferred',
      EnaSupport: true,
      ImdsSupport: 'v2.0',
      RootDeviceName: '/dev/xvda',
    });
    for (const { Tags = [] } of [Images[0] ?? {}, Snapshots[0] ?? {}]) {
      const tags = Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]));
      expect(tags).toMatchObject({ team: 'web', 'buildimg:run': outcome.run, 'buildimg:image': 'web-1' });
    }
    expect(test.driver.launches).toEqual([]);
  });

  it('sends no block of zeros, and all others once', async () => {
    const content = aDisk(disk, { 0: 1, 3: 2, 40: 3, 79: 4 });

    const { snapshotIds } = await test.register(aRegistration(disk, content.length));

    expect(test.countCalls('ebs:PutSnapshotBlock')).toBe(4);
    expect(await test.hasContent(snapshotIds[0] ?? '', content)).toBe(true);
  });

  it('registers a disk without any data', async () => {
    const content = aDisk(disk, {});

    const { snapshotIds } = await test.register(aRegistration(disk, content.length));

    expect(await test.hasContent(snapshotIds[0] ?? '', content)).toBe(true);
  });

  it('takes the disk out of a compressed qcow2', async () => {
    const content = aDisk(disk, { 1: 1, 60: 2 });
    const packed = join(folder, 'disk.qcow2');
    truncateSync(disk, 40 * 1024 ** 2);
    execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', '-c', disk, packed]);

    const { snapshotIds } = await test.register(aRegistration(packed, 40 * 1024 ** 2));

    expect(test.countCalls('ebs:PutSnapshotBlock')).toBe(2);
    expect(await test.hasContent(snapshotIds[0] ?? '', content)).toBe(true);
  });

  it('makes an image that can be scanned as any other', async () => {
    makeExtImage(disk, writeSystem(join(folder, 'system')), { megabytes: 24, options: ['-t', 'ext4'] });

    const { amiId } = await test.register(aRegistration(disk, readFileSync(disk).length));

    const image = await test.aws.inspector.describeImage(amiId);
    const [device] = image?.devices ?? [];
    const snapshot = await test.aws.snapshots.openSnapshot(device?.snapshotId ?? '', noSignal());
    const tree = await openBlockTree({ target: amiId, disk: snapshot }, { signal: noSignal() });
    expect([...tree.entries()].map(({ path }) => path)).toContain('/etc/os-release');
    await tree.close();
  });

  it('refuses a name that is taken before it uploads anything', async () => {
    const content = aDisk(disk, { 0: 1 });
    await test.register(aRegistration(disk, content.length));
    const before = test.log.length;

    await expect(test.register(aRegistration(disk, content.length))).rejects.toMatchObject({
      code: 'REGISTER_NAME_TAKEN',
    });

    expect(test.countCalls('ebs:', before)).toBe(0);
  });

  it('refuses a disk that does not pass its policy before it uploads anything', async () => {
    makeExtImage(disk, writeSystem(join(folder, 'system'), A_FAULT), { megabytes: 24, options: ['-t', 'ext4'] });
    const scan = { policy: 'shared', failOn: 'critical' } as const;

    const registered = test.register(aRegistration(disk, readFileSync(disk).length, { scan }));

    await expect(registered).rejects.toMatchObject({ code: 'DISK_FINDINGS', exit: 5 });
    expect(test.countCalls('ebs:')).toBe(0);
  });
});

describe('registering on top of a parent', () => {
  it.each([
    ['a parent that was registered from here', 'state'],
    ['a parent of somebody else', 'another-state'],
  ])('sends only what differs from %s', async (_what, stateFolder) => {
    const first = aDisk(disk, { 0: 1, 1: 2, 2: 3, 50: 4 });
    const { snapshotIds: parents } = await test.register(aRegistration(disk, first.length));
    const second = aDisk(disk, { 0: 1, 1: 9, 50: 4, 51: 5 });
    const before = test.log.length;

    const registration = aRegistration(disk, second.length, { name: 'web-2', parent: parents[0] ?? '' });
    const { snapshotIds } = await test.register(
      registration,
      {},
      stateFolder === 'state' ? undefined : join(folder, stateFolder),
    );

    expect(test.countCalls('ebs:PutSnapshotBlock', before)).toBe(3);
    expect(await test.hasContent(snapshotIds[0] ?? '', second)).toBe(true);
  });

  it('goes on a third time, from a parent that has a parent', async () => {
    const first = aDisk(disk, { 0: 1, 1: 2 });
    const { snapshotIds: parents } = await test.register(aRegistration(disk, first.length));
    const second = aDisk(disk, { 0: 1, 1: 3 });
    const child = aRegistration(disk, second.length, { name: 'web-2', parent: parents[0] ?? '' });
    const { snapshotIds: children } = await test.register(child);
    const third = aDisk(disk, { 0: 1, 1: 2, 5: 5 });
    const before = test.log.length;

    const grandchild = aRegistration(disk, third.length, { name: 'web-3', parent: children[0] ?? '' });
    const { snapshotIds } = await test.register(grandchild);

    expect(test.countCalls('ebs:PutSnapshotBlock', before)).toBe(2);
    expect(await test.hasContent(snapshotIds[0] ?? '', third)).toBe(true);
  });
});

async function countBlocks(snapshotId: string): Promise<number> {
  const blocks = await test.access.openParent(snapshotId, noSignal());
  return Array.from({ length: 80 }, (_, index) => index).filter((index) => blocks.has(index)).length;
}

// EBS gives random bytes where nobody has written to an encrypted snapshot.
describe('registering into an encrypted snapshot', () => {
  it.each<[string, Partial<Registration>, boolean]>([
    ['as it was asked for', { encryption: {} }, false],
    ['as the account does by default', {}, true],
  ])('sends every block of the disk, zeros as well: encrypted %s', async (_what, changes, byDefault) => {
    const content = aDisk(disk, { 1: 1, 60: 2 });
    // One of its own: connections of a client that was idle may be closed by now.
    const ec2 = test.ec2In('us-east-1');
    if (byDefault) await ec2.send(new EnableEbsEncryptionByDefaultCommand({}));

    const { snapshotIds } = await test.register(aRegistration(disk, content.length, changes));
    await ec2.send(new DisableEbsEncryptionByDefaultCommand({}));

    expect(test.countCalls('ebs:PutSnapshotBlock')).toBe(80);
    expect(await countBlocks(snapshotIds[0] ?? '')).toBe(80);
    expect(await test.hasContent(snapshotIds[0] ?? '', content)).toBe(true);
  });

  it('sends the zeros that a qcow2 only says to be there', async () => {
    aDisk(disk, { 1: 1, 60: 2 });
    const packed = join(folder, 'disk.qcow2');
    truncateSync(disk, 40 * 1024 ** 2);
    execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', '-c', disk, packed]);

    const { snapshotIds } = await test.register(aRegistration(packed, 40 * 1024 ** 2, { encryption: {} }));

    expect(await countBlocks(snapshotIds[0] ?? '')).toBe(80);
  });

  it('sends zeros where an encrypted parent has nothing', async () => {
    const parent = await uploadSnapshot(
      { ebs: new EBSClient(clientOptions(test.sandbox, 'us-east-1')), ec2: test.ec2 },
      new Map([
        [0, aBlock(1)],
        [1, aBlock(2)],
      ]),
      { Encrypted: true },
    );
    const content = aDisk(disk, { 0: 1 });
    const before = test.log.length;

    const { snapshotIds } = await test.register(aRegistration(disk, content.length, { parent }));

    expect(test.countCalls('ebs:PutSnapshotBlock', before)).toBe(79);
    expect(await test.hasContent(snapshotIds[0] ?? '', content)).toBe(true);
  });
});

const LOST = [{ kind: 'lost-response' }, { kind: 'lost-request' }] as const;
const REFUSED = [
  { kind: 'error', code: 'RequestThrottledException' },
  { kind: 'error', code: 'InternalServerException', status: 500 },
  { kind: 'error', code: 'ConcurrentLimitExceededException' },
] as const;
const EVENTS: readonly (readonly [string, FaultEffect])[] = [
  ...['ebs:StartSnapshot', 'ebs:PutSnapshotBlock', 'ebs:CompleteSnapshot'].flatMap((action) =>
    [...LOST, ...REFUSED].map((effect) => [action, effect] as const),
  ),
  ...LOST.map((effect) => ['ec2:RegisterImage', effect] as const),
];

describe('registering over a bad line', () => {
  it.each(EVENTS)('ends in one image with %s %j', async (action, effect) => {
    const content = aDisk(disk, Object.fromEntries(Array.from({ length: 20 }, (_, index) => [index, index + 1])));
    test.sandbox.loadFaults({
      faults: [{ action, skip: action === 'ebs:PutSnapshotBlock' ? 3 : 0, times: 3, effect }],
    });

    const { amiId, snapshotIds } = await test.register(aRegistration(disk, content.length));

    expect(await test.listLeft()).toEqual([amiId, ...snapshotIds]);
    expect(await test.hasContent(snapshotIds[0] ?? '', content)).toBe(true);
  });

  it('slows down to what the service takes', async () => {
    const content = aDisk(disk, Object.fromEntries(Array.from({ length: 60 }, (_, index) => [index, index + 1])));
    test.sandbox.loadFaults({ throttles: [{ action: 'ebs:PutSnapshotBlock', burst: 5, perSecond: 100 }] });

    const { snapshotIds } = await test.register(aRegistration(disk, content.length));

    expect(test.log.some((line) => line.includes('RequestThrottledException'))).toBe(true);
    expect(await test.hasContent(snapshotIds[0] ?? '', content)).toBe(true);
  });

  it('gives up at once where asking again is in vain, and leaves nothing', async () => {
    const content = aDisk(disk, { 0: 1, 1: 2, 2: 3 });
    const effect = { kind: 'error', code: 'AccessDeniedException', status: 403 } as const;
    test.sandbox.loadFaults({ faults: [{ action: 'ebs:PutSnapshotBlock', times: 99, effect }] });

    await expect(test.register(aRegistration(disk, content.length))).rejects.toMatchObject({
      code: 'AWS_NOT_AUTHORIZED',
    });

    expect(await test.listLeft()).toEqual([]);
  });

  it('leaves nothing when it is interrupted', async () => {
    const content = aDisk(disk, { 0: 1, 1: 2 });
    const interrupted = new AbortController();
    test.sandbox.loadFaults({
      faults: [{ action: 'ebs:PutSnapshotBlock', times: 99, effect: { kind: 'lost-request' } }],
    });
    const interruption = { signal: interrupted.signal, killSignal: noSignal() };

    const registering = test.register(aRegistration(disk, content.length), { interruption });
    while (test.countCalls('ebs:StartSnapshot') === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    interrupted.abort(createError('INTERRUPTED', ['SIGINT']));

    await expect(registering).rejects.toMatchObject({ code: 'INTERRUPTED', exit: 130 });
    expect(await test.listLeft()).toEqual([]);
  });
});
