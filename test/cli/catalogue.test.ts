// images, diff, promote and gc by the built command line, against a sandbox in this process.
import { CopyImageCommand, DescribeImagesCommand } from '@aws-sdk/client-ec2';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestSandbox, type TestSandbox } from '../support/a-sandbox.js';
import { createHome, type Home } from '../support/run-cli.js';

let test: TestSandbox;
let home: Home;

beforeAll(async () => {
  test = await startTestSandbox();
  home = await createHome();
  Object.assign(home.environment, {
    AWS_ENDPOINT_URL: test.sandbox.endpoint,
    AWS_ACCESS_KEY_ID: test.sandbox.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: test.sandbox.credentials.secretAccessKey,
    AWS_REGION: 'us-east-1',
  });
});
afterAll(async () => {
  await test.sandbox.close();
  home.remove();
});

async function makeImage(image: string, version: string, tags: Readonly<Record<string, string>> = {}): Promise<string> {
  const all = { 'buildimg:image': image, 'buildimg:version': version, ...tags };
  const Tags = Object.entries(all).map(([Key, Value]) => ({ Key, Value }));
  const { ImageId = '' } = await test.ec2.send(
    new CopyImageCommand({
      Name: `${image}-x86_64-${version}-0123abcd`,
      SourceImageId: test.sourceAmi,
      SourceRegion: 'us-east-1',
      TagSpecifications: (['image', 'snapshot'] as const).map((ResourceType) => ({ ResourceType, Tags })),
    }),
  );
  while (!(await isAvailable(ImageId)));
  return ImageId;
}

async function isAvailable(imageId: string): Promise<boolean> {
  const { Images: [image] = [] } = await test.ec2.send(new DescribeImagesCommand({ ImageIds: [imageId] }));
  return image?.State === 'available';
}

async function isThere(imageId: string): Promise<boolean> {
  const Filters = [{ Name: 'image-id', Values: [imageId] }];
  const { Images = [] } = await test.ec2.send(new DescribeImagesCommand({ Filters }));
  return Images.length === 1;
}

describe('buildimg images', () => {
  it('lists what builds made, as a table and as JSON', async () => {
    const id = await makeImage('listed', '1.4.0', {
      'buildimg:source': 'ami-0123456789abcdef0',
      'buildimg:scan-policy': 'baseline',
      'buildimg:scan-findings': 'critical=0 high=0 medium=1 low=3',
    });

    const table = await home.run('images', 'listed');
    const { images } = await home.runJson<{ readonly images: readonly unknown[] }>('images', 'listed', '--json');

    expect(table.stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['IMAGE', 'VERSION', 'ARCH', 'AMI', 'STATE', 'AGE', 'SOURCE', 'FINDINGS'],
      ['listed', '1.4.0', 'x86_64', id, 'available', '0 h', 'ami-0123456789abcdef0', '1 medium, 3 low'],
      [''],
    ]);
    expect(images).toMatchObject([
      { id, region: 'us-east-1', version: '1.4.0', sharedWith: [], parameters: [], isPublic: false },
    ]);
  });

  it('says that there is none', async () => {
    const { status, stdout, stderr } = await home.run('images', 'nothing');

    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: 'No image of a build is there.\n' });
  });
});

const CLEAN = { 'buildimg:scan-policy': 'baseline', 'buildimg:scan-findings': 'critical=0 high=0 medium=1 low=3' };

describe('buildimg promote', () => {
  it('tags, shares and names an image, says what it did, and does nothing the second time', async () => {
    const before = await makeImage('promoted', '1.0.0', CLEAN);
    const after = await makeImage('promoted', '1.1.0', CLEAN);
    const order = ['--parameter', '/acme/promoted', '--stage', 'production', '--account', '210987654321'];

    await home.run('promote', before, ...order);
    const first = await home.run('promote', 'promoted@1.1.0', ...order);
    const second = await home.run('promote', 'promoted@latest', ...order);

    const { Parameter } = await test.ssm.send(new GetParameterCommand({ Name: '/acme/promoted' }));
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(first.stdout.split('\n')).toEqual([
      `promoted-x86_64-1.1.0-0123abcd (${after}, us-east-1):`,
      '  tagged buildimg:stage=production',
      '  shared with 210987654321',
      `  /acme/promoted version 2 names it (was ${before})`,
      '',
    ]);
    expect(second.stdout).toContain('nothing to do, all of it is so already');
    expect(Parameter).toMatchObject({ Value: after, Version: 2, DataType: 'aws:ec2:image' });
  });

  it('refuses an image with findings and one that was never scanned, unless they are allowed', async () => {
    const faulty = await makeImage('faulty', '1.0.0', {
      ...CLEAN,
      'buildimg:scan-findings': 'critical=0 high=2 medium=0 low=0',
    });
    const unscanned = await makeImage('unscanned', '1.0.0');

    const refused = await home.run('promote', faulty, '--stage', 'production');
    const unknown = await home.run('promote', unscanned, '--stage', 'production');
    const lenient = await home.run('promote', faulty, '--stage', 'production', '--fail-on', 'critical');
    const allowed = await home.run('promote', unscanned, '--stage', 'production', '--allow-findings');

    expect(refused).toMatchObject({
      status: 5,
      stderr: expect.stringContaining('has 2 high findings under policy baseline'),
    });
    expect(unknown).toMatchObject({ status: 5, stderr: expect.stringContaining('was not scanned by a build') });
    expect([lenient.status, allowed.status]).toEqual([0, 0]);
  });

  it('says that it has nothing to do without an order, and that an image is not there', async () => {
    const idle = await home.run('promote', 'promoted@latest');
    const lost = await home.run('promote', 'nobody@1.0.0', '--stage', 'production');

    expect([idle.status, lost.status]).toEqual([2, 3]);
    expect(lost.stderr).toContain('CATALOGUE_IMAGE_NOT_FOUND');
  });
});

describe('an image that was copied with its tags under another name', () => {
  it('is not in the catalogue, is not the newest of its image, and has not been scanned', async () => {
    const id = await makeImage('original', '1.0.0', CLEAN);
    const order = { Name: 'original (frozen)', SourceImageId: id, SourceRegion: 'us-east-1', CopyImageTags: true };
    const { ImageId: copy = '' } = await test.ec2.send(new CopyImageCommand(order));
    while (!(await isAvailable(copy)));

    const listed = await home.run('images', 'original');
    const newest = await home.run('promote', 'original@latest', '--stage', 'production');
    const byId = await home.run('promote', copy, '--stage', 'production');
    const byName = await home.run('promote', order.Name, '--stage', 'production');

    expect(listed.stdout).toContain(id);
    expect(listed.stdout).not.toContain(copy);
    expect(newest.stdout).toContain(id);
    expect([byId.status, byName.status]).toEqual([5, 5]);
    expect(byId.stderr).toContain('was not scanned by a build');
  });
});

describe('buildimg gc', () => {
  it('only shows what it would do where nobody can be asked, and removes with --yes', async () => {
    const old = await makeImage('swept', '1.0.0');
    const kept = await makeImage('swept', '1.1.0');
    const rules = ['gc', 'swept', '--keep', '1', '--older-than', '0d'];

    const shown = await home.run(...rules);
    const wasThere = await isThere(old);
    const done = await home.run(...rules, '--yes');

    expect(shown.status).toBe(0);
    expect(shown.stderr).toContain('Nothing was removed. To remove 1 image with all snapshots: --yes');
    expect(shown.stdout).toMatch(new RegExp(`keep +swept +1.1.0 +${kept} +is the newest of swept for x86_64`));
    expect(shown.stdout).toMatch(new RegExp(`remove +swept +1.0.0 +${old} +is not among the newest 1, 0 hours old`));
    expect(wasThere).toBe(true);
    expect(done.status).toBe(0);
    expect([await isThere(old), await isThere(kept)]).toEqual([false, true]);
  });

  it('changes nothing with --dry-run, also with --yes', async () => {
    const id = await makeImage('dry', '1.0.0');

    const { regions } = await home.runJson<{
      readonly regions: readonly { readonly images: readonly { readonly id: string; readonly verdict: string }[] }[];
    }>('gc', 'dry', '--keep', '0', '--older-than', '0d', '--dry-run', '--yes', '--json');

    expect(regions[0]?.images).toMatchObject([{ id, verdict: 'remove' }]);
    expect(await isThere(id)).toBe(true);
  });

  it('exits 6 with the command for what would not go away', async () => {
    const id = await makeImage('stuck', '1.0.0');
    test.sandbox.loadFaults({
      faults: [{ action: 'ec2:DeregisterImage', times: 1, effect: { kind: 'error', code: 'OperationNotPermitted' } }],
    });

    const { status, stderr } = await home.run('gc', 'stuck', '--keep', '0', '--older-than', '0d', '--yes');

    expect(status).toBe(6);
    expect(stderr).toContain(`aws ec2 deregister-image --image-id '${id}' --region us-east-1`);
  });

  it('is about the images that are named behind an option with a value, and leaves the others', async () => {
    const named = await makeImage('golden', '1.0.0');
    const other = await makeImage('bronze', '1.0.0');
    const rules = ['--keep', '0', '--older-than', '0d', '--yes'];

    const byRegion = await home.run('gc', ...rules, '--region', 'us-east-1', 'golden');
    const byPattern = await home.run('gc', ...rules, '--ignore-parameter', '/acme/*', 'bronze');
    const listed = await home.run('images', '--region', 'us-east-1', 'bronze');

    expect([byRegion.status, byPattern.status]).toEqual([0, 0]);
    expect(byRegion.stdout).toContain(named);
    expect(byRegion.stdout).not.toContain(other);
    expect(byPattern.stdout).toContain(other);
    expect([byRegion, byPattern].map(({ stderr }) => stderr)).not.toContain('No image is named');
    expect(await isThere(named)).toBe(false);
    expect(listed.stdout).not.toContain('promoted');
  });

  it('says first that it means all images when none is named', async () => {
    const id = await makeImage('unnamed', '1.0.0', { 'buildimg:keep': '' });

    const { stderr } = await home.run('gc', '--keep', '0', '--older-than', '9999d', '--yes');

    expect(stderr.split('\n')[0]).toMatch(
      /^No image is named, so all images of builds in us-east-1 \(account \d{12}\) are meant, and --yes removes/,
    );
    expect(await isThere(id)).toBe(true);
  });

  it.each([
    ['a second region behind the first', ['-r', 'us-east-1', 'eu-west-1', 'standing']],
    ['a name with a mistake', ['standign', 'standing']],
  ])('removes nothing when a word names no image: %s', async (_what, words) => {
    const id = await makeImage('standing', `1.0.${words.length}`);

    const { status, stderr } = await home.run('gc', ...words, '--keep', '0', '--older-than', '0d', '--yes');

    expect({ status, code: stderr.split(' ')[0] }).toEqual({ status: 3, code: 'CATALOGUE_NAME_UNKNOWN' });
    expect(await isThere(id)).toBe(true);
  });

  it('refuses to work in another account than --account', async () => {
    const { status, stderr } = await home.run('gc', '--account', '210987654321');

    expect({ status, code: stderr.split(' ')[0] }).toEqual({ status: 3, code: 'CATALOGUE_OTHER_ACCOUNT' });
  });

  it('refuses what is no time span', async () => {
    const { status, stderr } = await home.run('gc', '--older-than', 'soon');

    expect({ status, code: stderr.split(' ')[0] }).toEqual({ status: 2, code: 'CATALOGUE_DURATION' });
  });
});
