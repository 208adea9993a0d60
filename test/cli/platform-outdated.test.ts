// Through the command line and the real SDK, against an endpoint that answers as Elastic Beanstalk and EC2 do.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type CliResult, createHome, type Home } from '../support/run-cli.js';
import { withTemporaryFolder } from '../support/temporary-folder.js';

const BRANCH = 'Node.js 20 running on 64bit Amazon Linux 2023';
const arnOf = (version: string) => `arn:aws:elasticbeanstalk:eu-central-1::platform/${BRANCH}/${version}`;

const world = { version: '6.1.0', isKnown: true, isWithdrawn: false };
const requests: URLSearchParams[] = [];
/** Access keys that requests were signed with. */
const signers: string[] = [];
let server: Server;
let home: Home;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => {
      body += piece;
    });
    request.on('end', () => {
      const form = new URLSearchParams(body);
      requests.push(form);
      signers.push(request.headers.authorization?.match(/Credential=(\w+)/)?.[1] ?? '');
      response.end(answer(form));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  home = await createHome();
});
afterAll(() => {
  server.close();
  home.remove();
});

function wrap(action: string, inner: string): string {
  return `<${action}Response xmlns="http://elasticbeanstalk.amazonaws.com/docs/2010-12-01/"><${action}Result>${inner}</${action}Result></${action}Response>`;
}

function answer(form: URLSearchParams): string {
  switch (form.get('Action') ?? '') {
    case 'ListPlatformVersions': {
      const member = world.isKnown ? `<member><PlatformArn>${arnOf(world.version)}</PlatformArn></member>` : '';
      return wrap('ListPlatformVersions', `<PlatformSummaryList>${member}</PlatformSummaryList>`);
    }
    case 'DescribePlatformVersion': {
      const amis = [
        '<VirtualizationType>pv</VirtualizationType><ImageId></ImageId>',
        ...['arm', 'x86'].map(
          (kind) => `<VirtualizationType>hvm</VirtualizationType><ImageId>ami-${imageOf(kind)}</ImageId>`,
        ),
      ];
      const list = amis.map((ami) => `<member>${ami}</member>`).join('');
      return wrap(
        'DescribePlatformVersion',
        `<PlatformDescription><PlatformVersion>${world.version}</PlatformVersion><CustomAmiList>${list}</CustomAmiList></PlatformDescription>`,
      );
    }
    default: {
      if (world.isWithdrawn) return '<DescribeImagesResponse/>';
      const id = form.get('ImageId.1') ?? '';
      const architecture = id === `ami-${imageOf('arm')}` ? 'arm64' : 'x86_64';
      const item = `<item><imageId>${id}</imageId><imageState>available</imageState><architecture>${architecture}</architecture><rootDeviceName>/dev/xvda</rootDeviceName></item>`;
      return `<DescribeImagesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><imagesSet>${item}</imagesSet></DescribeImagesResponse>`;
    }
  }
}

function imageOf(kind: string): string {
  return `${kind === 'arm' ? 'a' : 'b'}${world.version.replaceAll('.', '')}0000`;
}

function run(config: string, ...args: readonly string[]): Promise<CliResult> {
  const { port } = server.address() as AddressInfo;
  const endpoint = { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
  Object.assign(home.environment, endpoint);
  return home.run('-c', join(config, 'buildimg.yaml'), ...args);
}

beforeEach(() => {
  Object.assign(world, { version: '6.1.0', isKnown: true, isWithdrawn: false });
});

describe('platform outdated', () => {
  it('writes down what is recommended, renders from it, and says when the platform has moved on', () =>
    withTemporaryFolder(async (folder) => {
      const config = join(folder, 'config');
      cpSync('examples/eb-ami', config, { recursive: true });

      const unlocked = await run(config, 'platform', 'outdated');
      const written = await run(config, 'platform', 'outdated', '--write');
      const current = await run(config, 'platform', 'outdated');
      const rendered = await run(config, 'render', '-t', 'eb-ami', '-o', join(folder, 'out'));
      world.version = '6.2.0';
      const outdated = await run(config, 'platform', 'outdated', '--json');

      expect(unlocked).toMatchObject({ status: 5, stdout: expect.stringContaining('nothing is locked yet') });
      expect(written.status).toBe(0);
      expect(current).toMatchObject({ status: 0, stdout: `shop: current, ${BRANCH} 6.1.0 (ami-b6100000)\n` });
      const [builder] = JSON.parse(readFileSync(join(rendered.stdout.trim(), 'template.json'), 'utf8')).builders;
      expect(builder).toMatchObject({ source_ami: 'ami-b6100000', tags: { 'buildimg:platform': arnOf('6.1.0') } });
      expect(outdated.status).toBe(5);
      expect(JSON.parse(outdated.stdout).images).toMatchObject([
        {
          image: 'shop',
          state: 'outdated',
          locked: { version: '6.1.0' },
          recommended: { version: '6.2.0', architecture: 'x86_64' },
        },
      ]);
      expect(requests[0]?.get('Filters.member.1.Values.member.1')).toBe(BRANCH);
    }));

  it('asks as the account of the profile that the image is built with', () =>
    withTemporaryFolder(async (folder) => {
      cpSync('examples/eb-ami', folder, { recursive: true });
      const file = join(folder, 'buildimg.yaml');
      writeFileSync(file, readFileSync(file, 'utf8').replace('  shop:\n', '  shop:\n    profile: partner\n'));
      const credentials = join(folder, 'credentials');
      writeFileSync(credentials, '[partner]\naws_access_key_id = PARTNER\naws_secret_access_key = c\n');
      Object.assign(home.environment, { AWS_SHARED_CREDENTIALS_FILE: credentials });
      signers.length = 0;

      const { status } = await run(folder, 'platform', 'outdated', '--write');

      expect(status).toBe(0);
      expect(new Set(signers)).toEqual(new Set(['PARTNER']));
    }));

  it('leaves it to build --update-lock to take the new version', () =>
    withTemporaryFolder(async (folder) => {
      cpSync('examples/eb-ami', folder, { recursive: true });

      const first = await run(folder, 'build');
      world.version = '6.2.0';
      const asLocked = await run(folder, 'plan', '--json');
      const outdated = await run(folder, 'platform', 'outdated');
      const updated = await run(folder, 'build', '--update-lock');
      const afterwards = await run(folder, 'plan', '--json');

      expect(first.stderr).toContain('buildimg.lock.json');
      expect(JSON.parse(asLocked.stdout).images[0].source).toMatchObject({ id: 'ami-b6100000' });
      expect(outdated).toMatchObject({
        status: 5,
        stdout: expect.stringContaining('→ buildimg build --update-lock shop'),
      });
      expect(updated.stderr).toContain('buildimg.lock.json');
      expect(JSON.parse(afterwards.stdout).images[0].source).toMatchObject({ id: 'ami-b6200000' });
    }));

  it('says what to do when a locked image was withdrawn', () =>
    withTemporaryFolder(async (folder) => {
      cpSync('examples/eb-ami', folder, { recursive: true });
      await run(folder, 'platform', 'outdated', '--write');
      world.isWithdrawn = true;

      const { status, stderr } = await run(folder, 'build');

      expect({ status, code: stderr.match(/PLATFORM_\w+/)?.[0] }).toEqual({
        status: 3,
        code: 'PLATFORM_LOCKED_IMAGE_GONE',
      });
      expect(stderr).toContain('ami-b6100000');
      expect(stderr).toContain('buildimg build --update-lock');
    }));

  it('says that a branch has no recommended version', () =>
    withTemporaryFolder(async (folder) => {
      cpSync('examples/eb-ami', folder, { recursive: true });
      world.isKnown = false;

      const { status, stderr } = await run(folder, 'platform', 'outdated');

      expect({ status, code: stderr.split(' ')[0] }).toEqual({ status: 3, code: 'PLATFORM_BRANCH_NOT_FOUND' });
    }));

  it('says that no image starts from a platform', async () => {
    const { status, stderr } = await run('examples/nginx', 'platform', 'outdated');

    expect({ status, code: stderr.split(' ')[0] }).toEqual({ status: 2, code: 'PLATFORM_BRANCH_MISSING' });
  });
});
