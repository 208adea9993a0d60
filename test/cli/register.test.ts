// register by the built command line, against a sandbox in this process.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DescribeImagesCommand } from '@aws-sdk/client-ec2';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { aPartitionedDisk, type Registrations, startRegistrations } from '../support/a-registration.js';
import { createHome, type Home } from '../support/run-cli.js';
import { makeBlankFile, run } from '../support/scan-fixtures.js';

const SEND_BLOCK = 'ebs:PutSnapshotBlock';

let test: Registrations;
let home: Home;
let disk: string;
let content: Buffer;

beforeAll(async () => {
  test = await startRegistrations();
  const { XDG_STATE_HOME: _ofTheTest, ...keys } = test.environment;
  home = await createHome({ ...keys, AWS_ENDPOINT_URL: test.sandbox.endpoint, AWS_REGION: 'us-east-1' });
  disk = join(test.folder, 'disk.img');
  content = aPartitionedDisk(disk, { 0: 1, 7: 2 });
});
afterEach(() => test.clear());
afterAll(async () => {
  home.remove();
  await test.close();
});

/** The partitioned disk in another format. */
function convertTo(format: string, file: string, ...options: string[]): void {
  run('qemu-img', 'convert', '-f', 'raw', '-O', format, ...options, disk, file);
}

describe('buildimg register', () => {
  it('makes an AMI of a disk, and says its id, name, region and snapshot', async () => {
    const { status, stdout } = await home.run('register', disk, '--name', 'web-1', '--tag', 'team=web', '--quiet');

    const [amiId, snapshotId] = await test.listLeft();
    const { Images: [image] = [] } = await test.ec2.send(new DescribeImagesCommand({ ImageIds: [amiId ?? ''] }));
    expect(status).toBe(0);
    expect(stdout).toMatch(/^web-1: registered in .+\n {2}AMI {7}ami-\w+ in us-east-1\n {2}snapshot {2}snap-\w+\n$/);
    expect(stdout).toContain(`${amiId}`);
    expect(image).toMatchObject({ Name: 'web-1', State: 'available', BootMode: 'uefi-preferred' });
    expect(image?.Tags).toContainEqual({ Key: 'team', Value: 'web' });
    expect(await test.hasContent(snapshotId ?? '', content)).toBe(true);
    expect(test.countCalls(SEND_BLOCK)).toBe(2);
  });

  it('answers in JSON', async () => {
    const answer = await home.runJson<object>('register', disk, '--name', 'web-1', '--quiet', '--json');

    const [amiId, snapshotId] = await test.listLeft();
    expect(answer).toMatchObject({ amiId, amiName: 'web-1', region: 'us-east-1', snapshotIds: [snapshotId] });
  });

  it('sends only what differs from a parent', async () => {
    const words = ['register', disk, '--name', 'web-1', '--quiet', '--json'];
    const first = await home.runJson<{ readonly snapshotIds: readonly string[] }>(...words);
    const changed = join(test.folder, 'changed.img');
    aPartitionedDisk(changed, { 0: 1, 7: 3 });
    const before = test.log.length;

    await home.runJson('register', changed, '--name', 'web-2', '--parent', first.snapshotIds[0] ?? '', '--json');

    expect(test.countCalls(SEND_BLOCK, before)).toBe(1);
  });

  it('says that the name is taken before it sends a block', async () => {
    await home.runJson('register', disk, '--name', 'web-1', '--quiet', '--json');
    const before = test.log.length;

    const result = await home.run('register', disk, '--name', 'web-1');

    expect(result.status).not.toBe(0);
    expect(result.stderr).toContain('There is an image of the name web-1 already');
    expect(test.countCalls(SEND_BLOCK, before)).toBe(0);
  });

  it.each([
    [['--name', 'x'], '"x" is no AMI name'],
    [['--name', 'web-1', '--tag', 'buildimg:run=1'], 'Keys that begin with aws: or buildimg: are not for the taking'],
    [['--name', 'web-1', '--architecture', 'arm64', '--boot-mode', 'legacy-bios'], 'arm64'],
    [[], "required option '-n, --name <name>' not specified"],
  ])('refuses %j', async (options, reason) => {
    const result = await home.run('register', disk, ...options);

    expect(result.status).toBe(2);
    expect(result.stderr).toContain(reason);
    expect(test.countCalls('ebs:')).toBe(0);
  });

  it('says of a file that is no disk what it is', async () => {
    const empty = join(test.folder, 'empty.img');
    writeFileSync(empty, '');

    const missing = await home.run('register', join(test.folder, 'none.img'), '--name', 'web-1');
    const nothing = await home.run('register', empty, '--name', 'web-1');

    expect(missing.stderr).toContain('none.img');
    expect(nothing.stderr).toContain('empty.img');
    expect([missing.status, nothing.status]).not.toContain(0);
    expect(await test.listLeft()).toEqual([]);
  });

  it.each<[string, (file: string) => void, string]>([
    ['a text', (file) => writeFileSync(file, '# read me\n'.repeat(100)), 'is a text file'],
    ['a gzip file', (file) => writeFileSync(file, gzipSync(Buffer.alloc(5000))), 'gunzip'],
    ['a VHDX', (file) => convertTo('vhdx', file), 'qemu-img convert -f vhdx'],
    ['a fixed VHD', (file) => convertTo('vpc', file, '-o', 'subformat=fixed'), 'qemu-img convert -f vpc'],
    ['zeros', (file) => writeFileSync(file, Buffer.alloc(1_000_000)), 'has no partition table'],
  ])('refuses %s, says what it is and the way to a disk, and sends nothing', async (what, make, reason) => {
    const file = join(test.folder, `${what.replaceAll(' ', '-')}.img`);
    make(file);

    const { status, stderr } = await home.run('register', file, '--name', 'web-1', '--sandbox');

    expect(status).toBe(2);
    expect(stderr).toContain(reason);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(test.countCalls('ebs:')).toBe(0);
  });

  it('takes a filesystem without a partition table, with a warning', async () => {
    const file = join(test.folder, 'bare.img');
    makeBlankFile(file, 2 * 1024 * 1024);
    run('mke2fs', '-q', '-F', file);

    const { status, stderr } = await home.run('register', file, '--name', 'web-1');

    expect(status).toBe(0);
    expect(stderr).toContain('warning: ');
    expect(stderr).toContain('without a partition table');
  });
});
