// A policy failure that is visible on the build instance ends a real build before CreateImage is called.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CliResult, createHome, type Home } from '../support/run-cli.js';
import { createSandboxClient, listLeftovers, NOTHING_LEFT } from '../support/sandbox-ec2.js';

const CONFIG = 'test/e2e/fixtures/faulty/buildimg.yaml';

describe('building an image that its policy refuses', () => {
  let home: Home;
  let client: EC2Client;
  let result: CliResult;

  beforeAll(async () => {
    home = await createHome();
    await home.run('sandbox', 'up');
    client = await createSandboxClient(home);
    result = await home.run('build', '--sandbox', '--config', CONFIG, '--events', 'ndjson');
  }, 1_800_000);

  afterAll(async () => {
    client.destroy();
    await home.run('sandbox', 'down');
    home.remove();
  }, 120_000);

  it('exits 5 and names what was planted, and nothing that the build itself brought', () => {
    const checks = [...result.stderr.matchAll(/^ {2}(?:critical|high|medium) {2}([A-Z]+-\d+)/gm)].map(([, id]) => id);

    expect({ status: result.status, checks: checks.toSorted() }).toEqual({ status: 5, checks: ['ACC-008', 'SEC-003'] });
    expect(result.stderr).toContain('/opt/deploy_key');
    expect(result.stderr).toContain('/etc/sudoers.d/everybody');
  });

  it('never asked EC2 for an image', () => {
    const requests = readFileSync(join(home.folder, 'buildimg', 'sandbox', 'sandbox.log'), 'utf8');

    expect(requests).toContain('ec2:RunInstances 200');
    expect(requests).toContain('ec2:TerminateInstances 200');
    expect(requests).not.toMatch(/ec2:(?:CreateImage|StopInstances)/);
  });

  it('leaves nothing in EC2', async () => {
    const leftovers = await listLeftovers(client, home);

    expect(leftovers).toEqual(NOTHING_LEFT);
  });

  it('keeps the report of the instance, and not the archive', () => {
    const runs = join(home.folder, 'buildimg', 'runs');
    const folder = join(runs, readdirSync(runs)[0] ?? '');
    const report: unknown = JSON.parse(readFileSync(join(folder, 'scan-instance.json'), 'utf8'));

    expect(report).toMatchObject({ policy: 'baseline', failing: true });
    expect(readdirSync(join(folder, 'faulty'))).not.toContain('collected.tar.gz');
  });
});
