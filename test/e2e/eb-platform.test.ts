// The whole way of a custom platform: the real EB CLI against the sandbox, a real machine built by the real packer, its
// image booted as an environment, and applications deployed to it.
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { zipArchive } from '../../src/platform/zip-archive.js';
import { installEbCli } from '../support/eb-cli.js';
import { PLATFORM_FIXTURE } from '../support/platform-files.js';
import { type CliResult, createHome, type Home } from '../support/run-cli.js';
import { createSandboxClient, listLeftovers, NOTHING_LEFT, readSandboxEnvironment } from '../support/sandbox-ec2.js';

const ARN = 'arn:aws:elasticbeanstalk:us-east-1:100000000000:platform/web/1.0.0';
const HOUR_MS = 3_600_000;

interface Environment {
  readonly status: string;
  readonly health: string;
  readonly url: string;
  readonly versionLabel: string;
}

describe('a custom platform in the sandbox', () => {
  let home: Home;
  let environment: NodeJS.ProcessEnv;
  let tools: { readonly eb: string; readonly ebp: string };
  let folder: string;
  let broken: CliResult;
  let created: CliResult;
  let launched: Environment;

  beforeAll(async () => {
    tools = await installEbCli();
    home = await createHome();
    await home.run('sandbox', 'up');
    await home.run('sandbox', 'image', 'build', 'debian-12');
    environment = { ...home.environment, ...(await readSandboxEnvironment(home)) };
    folder = await makeWorkspace('web');

    const brokenFolder = await makeWorkspace('broken');
    writeFileSync(join(brokenFolder, 'builder', 'builder.sh'), '#!/bin/bash -xe\ncp /tmp/nowhere /etc\n');
    broken = await buildimg(brokenFolder, 'platform', 'create', '--sandbox', '--timeout', '60');

    created = await runTool(tools.ebp, ['create', '--timeout', '60'], folder);
    launched = await home.runJson<Environment>(
      'sandbox',
      'eb',
      'deploy',
      bundle({ 'index.html': 'first' }),
      '--platform=web',
      "--env=GREETING=it's $(me)",
      '--json',
    );
  }, 2 * HOUR_MS);

  afterAll(async () => {
    await home.run('sandbox', 'down');
    home.remove();
  }, 120_000);

  it('ends Ready by `ebp create`', async () => {
    const { stdout } = await runTool(tools.eb, ['platform', 'list'], folder);

    expect(created.stdout).toContain("Successfully created platform version 'web/1.0.0'.");
    expect(stdout.trim()).toBe(`${ARN}  Status: Ready`);
  });

  it('is shown by `eb platform status`, `events` and `logs`', async () => {
    const status = await runTool(tools.eb, ['platform', 'status'], folder);
    const events = await runTool(tools.eb, ['platform', 'events'], folder);
    const logs = await runTool(tools.eb, ['platform', 'logs'], folder);

    expect(status.stdout).toMatch(/Operating System: {2}Debian[\s\S]*Status: {2}Ready/);
    expect(events.stdout).toContain('Packer built AMIs: ami-');
    expect(logs.stdout).toMatch(/Provisioning with shell script: builder\/builder\.sh/);
    expect([status.status, events.status, logs.status]).toEqual([0, 0, 0]);
  });

  it('serves the first bundle, its hooks run in order and with the environment', async () => {
    expect(launched).toMatchObject({ status: 'Ready', health: 'Green' });
    expect(await fetchText('index.html')).toBe('first');
    expect(await fetchText('order.txt')).toBe('preinit\nappdeploy\npostinit\n');
    expect(await fetchText('greeting.txt')).toBe("it's $(me)\n");
  });

  it(
    'serves the second bundle after a second deployment, and the new greeting after configdeploy',
    async () => {
      const deployed = await deploy({ 'index.html': 'second' });
      const configured = await home.run('sandbox', 'eb', 'setenv', 'GREETING=changed');

      expect([deployed.status, configured.status]).toEqual([0, 0]);
      expect(await fetchText('index.html')).toBe('second');
      expect(await fetchText('greeting.txt')).toBe('changed\n');
    },
    HOUR_MS,
  );

  it(
    "fails a deployment with the hook's stderr, and goes on serving what it served",
    async () => {
      const { status, stderr } = await deploy({ 'fail.txt': 'no good' });

      expect(status).toBe(4);
      expect(stderr).toContain('Return code: 3 Output: the bundle asks to fail: no good');
      expect(stderr).toContain('hooks/appdeploy/pre/10-unpack.sh failed');
      expect(await fetchText('index.html')).toBe('second');
    },
    HOUR_MS,
  );

  it(
    'is not deleted while an environment uses it; then `eb platform delete` leaves nothing',
    async () => {
      const refused = await runTool(tools.eb, ['platform', 'delete', '1.0.0', '--force'], folder);
      await home.run('sandbox', 'eb', 'terminate');
      const deleted = await runTool(tools.eb, ['platform', 'delete', '1.0.0', '--force'], folder);

      expect(refused.status).toBe(4);
      expect(`${refused.stdout}${refused.stderr}`).toContain('it is being used by the following environments:');
      expect(deleted.stdout).toContain("Successfully deleted platform version 'web/1.0.0'.");
      const client = await createSandboxClient(home);
      await waitUntilGone(async () => (await listLeftovers(client, home)).machines);
      expect(await listLeftovers(client, home)).toEqual(NOTHING_LEFT);
    },
    HOUR_MS,
  );

  it('that breaks while it is built makes `buildimg platform create` exit 4 with the line that failed', () => {
    expect(broken.status).toBe(4);
    expect(broken.stderr).toContain(
      "Failed to create platform version 'broken/1.0.0': cp: cannot stat '/tmp/nowhere': No such file or directory",
    );
  });

  async function makeWorkspace(name: string): Promise<string> {
    const workspace = join(home.folder, name);
    mkdirSync(workspace);
    cpSync(PLATFORM_FIXTURE, workspace, { recursive: true });
    const { status, stderr } = await buildimg(workspace, 'platform', 'init', name, '--region', 'us-east-1');
    if (status !== 0) throw new Error(stderr);
    return workspace;
  }

  function buildimg(cwd: string, ...args: readonly string[]): Promise<CliResult> {
    return runTool(process.execPath, [join(process.cwd(), 'dist', 'cli.mjs'), ...args], cwd, home.environment);
  }

  function bundle(files: Readonly<Record<string, string>>): string {
    const file = join(home.folder, `${Object.values(files).join('-').replaceAll(' ', '-')}.zip`);
    const entries = Object.entries(files).map(([path, text]) => ({ path, mode: 0o644, bytes: Buffer.from(text) }));
    writeFileSync(file, zipArchive(entries));
    return file;
  }

  function deploy(files: Readonly<Record<string, string>>): Promise<CliResult> {
    return home.run('sandbox', 'eb', 'deploy', bundle(files), '--platform', 'web');
  }

  /** The fixture's server is started by its last hook and may need a moment. */
  async function fetchText(path: string): Promise<string> {
    for (let left = 30; ; left -= 1) {
      const response = await fetch(`${launched.url}/${path}`).catch(() => undefined);
      if (response?.ok === true) return response.text();
      if (left === 0) throw new Error(`${path} is not answered: ${response?.status}`);
      await sleep(2_000);
    }
  }

  function runTool(
    program: string,
    args: readonly string[],
    cwd: string,
    env: NodeJS.ProcessEnv = environment,
  ): Promise<CliResult> {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => resolve({ status: status ?? undefined, stdout, stderr }));
    });
  }
});

async function waitUntilGone(list: () => Promise<readonly string[]>): Promise<void> {
  for (let left = 60; left > 0 && (await list()).length > 0; left -= 1) await sleep(1_000);
}
