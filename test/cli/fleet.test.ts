import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Ec2Builds, startEc2Builds } from '../support/an-ec2-build.js';
import { createHome, type Home } from '../support/run-cli.js';

describe('several images', () => {
  let sandbox: Ec2Builds;
  let home: Home;
  let config: string;

  beforeAll(async () => {
    sandbox = await startEc2Builds();
    const { accessKeyId, secretAccessKey } = sandbox.sandbox.credentials;
    home = await createHome({
      AWS_ENDPOINT_URL: sandbox.sandbox.endpoint,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    });
    config = join(home.folder, 'buildimg.json');
    writeFileSync(config, JSON.stringify({ version: 1, images: describeImages() }));
  });

  afterAll(async () => {
    home.remove();
    await sandbox.close();
  });

  it('builds them side by side; one that fails does not stop the others, and each has a line at the end', async () => {
    sandbox.steps.set('time-sync', { exitCodes: [7] });

    const result = await home.run('build', '-c', config, '--quiet');

    expect(result.status).toBe(4);
    const lines = result.stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^api {3}built {6}ami-\w+ {2}us-east-1 {2}api-x86_64-1\.0\.0-\w{8} {2}\d/);
    expect(lines[1]).toMatch(/^mail {2}failed {5}EC2_STEP_FAILED /);
    expect(lines[2]).toMatch(/^web {3}built {6}ami-\w+ {2}eu-west-1 {2}web-/);
    expect(lines[3]).toMatch(/^2 built, 1 failed in /);
    expect(result.stderr).toContain('EC2_STEP_FAILED');
  });

  it('prints a matrix on one line, with what has changed', async () => {
    const { status, stdout } = await home.run('plan', '-c', config, '--matrix');

    expect(status).toBe(0);
    expect(stdout.trimEnd()).not.toContain('\n');
    const { include } = JSON.parse(stdout) as { readonly include: readonly object[] };
    expect(include).toEqual([
      { image: 'api', architecture: 'x86_64', region: 'us-east-1', amiName: expect.any(String), changed: false },
      { image: 'mail', architecture: 'x86_64', region: 'us-east-1', amiName: expect.any(String), changed: true },
      { image: 'web', architecture: 'x86_64', region: 'eu-west-1', amiName: expect.any(String), changed: false },
    ]);
  });

  it('gives every job its part of the images', async () => {
    const parts = await Promise.all(
      ['1/2', '2/2'].map((shard) =>
        home.runJson<{ readonly include: readonly { readonly image: string }[] }>(
          'plan',
          '-c',
          config,
          '--matrix',
          '--shard',
          shard,
        ),
      ),
    );

    const names = parts.map(({ include }) => include.map(({ image }) => image));
    expect(names.flat().toSorted()).toEqual(['api', 'mail', 'web']);
    expect(Math.max(...names.map(({ length }) => length))).toBe(2);
  });

  it.each([
    ['5/4', 'There is no part 5 of 4'],
    ['0/4', 'There is no part 0 of 4'],
    ['half', 'It is written I/N'],
  ])('refuses the shard %s', async (shard, reason) => {
    const result = await home.run('build', '-c', config, '--shard', shard);

    expect(result.status).toBe(2);
    expect(result.stderr).toContain(reason);
  });
});

function describeImages() {
  const common = {
    version: '1.0.0',
    source: { os: 'debian-12' },
    builder: { type: 'ec2', instanceType: 't3.small', iamInstanceProfile: 'ssm' },
  };
  return {
    api: { ...common, region: 'us-east-1', provisioners: ['update', 'seal'] },
    mail: { ...common, region: 'us-east-1', provisioners: ['time-sync', 'seal'] },
    web: { ...common, region: 'eu-west-1', provisioners: ['update', 'seal'] },
  };
}
