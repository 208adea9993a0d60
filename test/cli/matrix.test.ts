// One entry of a config in several regions and accounts.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeImagesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Account } from '../../src/sandbox/world/accounts.js';
import { type Ec2Builds, startEc2Builds } from '../support/an-ec2-build.js';
import { createHome, type Home } from '../support/run-cli.js';

const DEV = '111111111111';
const PROD = '222222222222';

describe('an image with a matrix', () => {
  let test: Ec2Builds;
  let home: Home;
  let config: string;
  let accounts: readonly Account[];

  beforeAll(async () => {
    test = await startEc2Builds();
    accounts = [];
    for (const accountId of [DEV, PROD]) {
      accounts = [...accounts, await test.sandbox.addAccount({ accountId, memberOf: [] })];
    }
    const profiles = mkdtempSync(join(tmpdir(), 'profiles-'));
    const profilesFile = join(profiles, 'config');
    writeFileSync(
      profilesFile,
      ['dev', 'prod'].map((name, index) => describeProfile(name, accounts[index])).join('\n'),
    );
    home = await createHome({
      AWS_CONFIG_FILE: profilesFile,
      AWS_ENDPOINT_URL: test.sandbox.endpoint,
      // Of neither account: what a profile names comes before it.
      AWS_ACCESS_KEY_ID: test.sandbox.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: test.sandbox.credentials.secretAccessKey,
    });
    config = join(home.folder, 'buildimg.json');
    writeFileSync(config, JSON.stringify({ version: 1, images: { web: describeImage() } }));
  });

  afterAll(async () => {
    home.remove();
    await test.close();
  });

  it('is planned for every combination, without a word twice in its names', async () => {
    const { include } = await home.runJson<{ readonly include: readonly unknown[] }>('plan', '-c', config, '--matrix');

    expect(include).toHaveLength(4);
    expect(include[1]).toMatchObject({
      image: 'web-dev-eu-west-1',
      region: 'eu-west-1',
      profile: 'dev',
      amiName: expect.stringMatching(/^web-dev-eu-west-1-x86_64-1\.0\.0-[0-9a-f]{8}$/),
    });
  });

  it('says in its plan what there will be meanwhile, which over SSM is an instance alone', async () => {
    const { stdout } = await home.run('plan', 'web-dev-us-east-1', '-c', config);

    expect(stdout).toContain('meanwhile one instance; removed when the image is done');
  });

  it('is built in every account and region by one command', async () => {
    const { images } = await home.runJson<{ readonly images: readonly BuiltImage[] }>(
      'build',
      'web',
      '-c',
      config,
      '--json',
    );

    expect(images.map(({ image, outcome }) => `${image} ${outcome}`)).toEqual([
      'web-dev-us-east-1 built',
      'web-dev-eu-west-1 built',
      'web-prod-us-east-1 built',
      'web-prod-eu-west-1 built',
    ]);
    for (const [index, { accountId }] of accounts.entries()) {
      for (const [place, region] of ['us-east-1', 'eu-west-1'].entries()) {
        const found = await listOwn(region, accounts[index]);
        expect(found).toEqual([{ id: images[2 * index + place]?.amiId, owner: accountId }]);
      }
    }
  });

  it('writes down whose a run is, so that what it left is looked for there', async () => {
    const { runs } = await home.runJson<{ readonly runs: readonly RunEntry[] }>('runs', '--json');

    expect(runs.map(({ image, account }) => [image, account]).toSorted()).toEqual([
      ['web-dev-eu-west-1', DEV],
      ['web-dev-us-east-1', DEV],
      ['web-prod-eu-west-1', PROD],
      ['web-prod-us-east-1', PROD],
    ]);
  });

  it('says which images would have one name', async () => {
    const file = join(home.folder, 'twice.json');
    const image = describeImage();
    const images = { 'web-dev-us-east-1': { ...image, matrix: undefined, region: 'us-east-1' }, web: image };
    writeFileSync(file, JSON.stringify({ version: 1, images }));

    const result = await home.run('validate', '-c', file);

    expect(result.status).toBe(2);
    expect(result.stderr).toContain('the image "web-dev-us-east-1" would be made of "web" and of "web-dev-us-east-1"');
  });

  it('is told once of a mistake that all its images share', async () => {
    const file = join(home.folder, 'mistake.json');
    const images = { web: { ...describeImage(), provisioners: ['seal', 'update'] } };
    writeFileSync(file, JSON.stringify({ version: 1, images }));

    const result = await home.run('validate', '-c', file);

    expect(result.status).toBe(2);
    expect(result.stderr.match(/CONFIG_/g)).toHaveLength(1);
  });

  function listOwn(region: string, account: Account | undefined) {
    return withClient(region, account, async (ec2) => {
      const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ['self'] }));
      return Images.map(({ ImageId, OwnerId }) => ({ id: ImageId, owner: OwnerId }));
    });
  }

  async function withClient<T>(region: string, account: Account | undefined, act: (ec2: EC2Client) => Promise<T>) {
    const { accessKeyId = '', secretAccessKey = '' } = account ?? {};
    const ec2 = new EC2Client({
      region,
      endpoint: test.sandbox.endpoint,
      credentials: { accessKeyId, secretAccessKey },
    });
    try {
      return await act(ec2);
    } finally {
      ec2.destroy();
    }
  }
});

interface RunEntry {
  readonly image: string;
  readonly account: string;
}

interface BuiltImage {
  readonly image: string;
  readonly outcome: string;
  readonly amiId: string;
}

function describeProfile(name: string, account: Account | undefined): string {
  return `[profile ${name}]
aws_access_key_id = ${account?.accessKeyId}
aws_secret_access_key = ${account?.secretAccessKey}
`;
}

function describeImage() {
  return {
    version: '1.0.0',
    matrix: { region: ['us-east-1', 'eu-west-1'], profile: ['dev', 'prod'] },
    source: { os: 'debian-12' },
    builder: { type: 'ec2', instanceType: 't3.small', iamInstanceProfile: 'ssm' },
    provisioners: ['update', 'seal'],
  };
}
