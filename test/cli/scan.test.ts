// The built command line over a real folder that means harm, and over a disk image in a sandbox's state.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findSandboxPaths } from '../../src/cli/sandbox-session.js';
import { reportFormats } from '../../src/report/render-report.js';
import { registerBaseImage, resolveBaseImageId } from '../../src/sandbox/world/base-images.js';
import { PLANTED_SECRETS } from '../support/a-scan-report.js';
import { validateCycloneDx, validateSarif, validateSpdx } from '../support/report-validators.js';
import { type CliResult, createHome, type Home } from '../support/run-cli.js';
import { makeExtImage, run } from '../support/scan-fixtures.js';

let home: Home;
let target: string;

beforeAll(async () => {
  home = await createHome();
  target = join(home.folder, 'rootfs');
  makeHostileFolder(target);
});

afterAll(() => home.remove());

async function scan(...args: readonly string[]): Promise<CliResult> {
  return await home.run('scan', target, ...args);
}

describe('buildimg scan', () => {
  it.each(reportFormats)('reports a hostile folder as %s, without its secrets', async (format) => {
    const { status, stdout, stderr } = await scan('--format', format);

    const leaked = PLANTED_SECRETS.filter((secret) => `${stdout}${stderr}`.includes(secret.slice(5)));
    expect({ status, leaked }).toEqual({ status: 5, leaked: [] });
    expect(stdout.length).toBeGreaterThan(500);
    expect(stderr).toMatch(/^Scanned in .*: \d+ findings: .* · fails: high or worse\n$/);
  });

  it('writes SARIF and SBOMs that validators take', async () => {
    const [sarif, cyclonedx, spdx] = [
      await scan('--format', 'sarif'),
      await scan('--format', 'cyclonedx'),
      await scan('--format', 'spdx'),
    ];

    expect(await validateSarif(sarif.stdout)).toEqual([expect.stringMatching(/^SARIF2005 /)]);
    expect(await validateCycloneDx(cyclonedx.stdout)).toEqual([]);
    expect(await validateSpdx(spdx.stdout)).toEqual([]);
    expect(cyclonedx.stdout).toContain('pkg:deb/debian/bash@5.2.15-2?arch=amd64&distro=debian-12');
  }, 180_000);

  it.each([
    ['critical', 5],
    ['none', 0],
  ])('exits by --fail-on %s with %i', async (failOn, status) => {
    const result = await scan('--fail-on', failOn);

    expect(result.status).toBe(status);
  });

  it('exits 0 where nothing is as bad as what it fails on', async () => {
    const empty = join(home.folder, 'empty');
    mkdirSync(empty, { recursive: true });

    const { status, stdout } = await home.run('scan', empty, '--fail-on', 'critical');

    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: expect.stringContaining('passes: nothing of critical or worse'),
    });
  });

  it('exits with 5 for a disk whose journal was not replayed, unless gaps are allowed', async () => {
    const disk = join(home.folder, 'dirty.img');
    const folder = join(home.folder, 'bare');
    mkdirSync(join(folder, 'etc'), { recursive: true });
    writeFileSync(join(folder, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
    makeExtImage(disk, folder, { options: ['-t', 'ext4'] });
    run('debugfs', '-w', '-R', 'feature needs_recovery', disk);
    const scanDisk = async (...args: readonly string[]) =>
      await home.run('scan', disk, '--fail-on', 'critical', ...args);

    const strict = await scanDisk('-f', 'json');
    const text = await scanDisk();
    const allowed = await scanDisk('--allow-gaps');

    expect([strict.status, text.status, allowed.status]).toEqual([5, 5, 0]);
    expect(JSON.parse(strict.stdout)).toMatchObject({
      failing: true,
      gaps: [{ path: '/', reason: expect.stringContaining('journal'), failing: true }],
    });
    expect(text.stdout).toMatch(/Not read · 1\n[^]*journal[^]*--allow-gaps/);
    expect(text.stderr).toContain('fails: 1 place of the system not read');
  });

  it('asks for what the policy asks for', async () => {
    const reports = [await scan('-f', 'json'), await scan('-f', 'json', '--policy', 'cis-l1')];

    const [baseline, cis] = reports.map(
      ({ stdout }) => (JSON.parse(stdout) as { findings: readonly unknown[] }).findings,
    );
    expect(cis?.length).toBeGreaterThan(baseline?.length ?? 0);
  });

  it('waives what a file of waivers says', async () => {
    const file = join(home.folder, 'waivers.yaml');
    writeFileSync(file, 'waivers:\n  - { check: "*", reason: It is an exercise, expires: 2999-12-31 }\n');

    const { status, stdout } = await scan('-f', 'json', '--waivers', file);

    const { findings, waived } = JSON.parse(stdout) as { findings: readonly unknown[]; waived: readonly unknown[] };
    expect({ status, findings, isWaived: waived.length > 3 }).toEqual({ status: 0, findings: [], isWaived: true });
  });

  it('writes the report to a file, and then nothing to stdout', async () => {
    const file = join(home.folder, 'report.html');

    const { stdout } = await scan('-f', 'html', '--output', file);

    expect(stdout).toBe('');
    expect(readFileSync(file, 'utf8')).toMatch(/^<!doctype html>[^]*<\/html>\n$/);
  });

  it.each([
    ['a target that is not there', ['/nonexistent/rootfs'], 3, 'SCAN_TARGET_MISSING'],
    ['a target that is nothing', ['s3://bucket/image'], 2, 'SCAN_TARGET_UNKNOWN'],
    ['an AMI that the sandbox does not have', ['ami-0123456789abcdef0', '--sandbox'], 3, 'SCAN_AMI_NOT_IN_SANDBOX'],
    ['an AMI in no region', ['ami-0123456789abcdef0'], 2, 'AWS_REGION_MISSING'],
    ['a file of waivers that is none', ['/etc', '--waivers', '/dev/null'], 2, 'SCAN_WAIVERS_INVALID'],
    ['a report into a folder that is not there', ['/etc', '-o', '/nonexistent/r.txt'], 3, 'SCAN_OUTPUT_UNWRITABLE'],
    ['a policy that there is not', ['/etc', '--policy', 'nope'], 2, 'nope'],
  ])('stops at %s, with nothing on stdout', async (_what, words, status, text) => {
    const result = await home.run('scan', ...words);

    expect(result).toEqual({ status, stdout: '', stderr: expect.stringContaining(text) });
    expect(result.stderr).not.toMatch(/\n\s+at /);
  });

  it('scans an AMI of a sandbox that is up by its blocks, with what EC2 says, and of one that is down by its file', async () => {
    const imageId = await makeSandboxImage();
    const scanImage = async () => await home.run('scan', imageId, '--sandbox', '-f', 'json');

    const whenDown = await scanImage();
    await home.run('sandbox', 'up');
    const whenUp = await scanImage();
    await home.run('sandbox', 'down');

    const [down, up] = [whenDown, whenUp].map(
      ({ stdout }) => (JSON.parse(stdout) as { findings: readonly { readonly check: string }[] }).findings,
    );
    expect([whenDown.status, whenUp.status]).toEqual([5, 5]);
    expect(down?.filter(isOfImage)).toEqual([]);
    expect(up?.filter((finding) => !isOfImage(finding))).toEqual(down);
    expect(up?.filter(isOfImage)).toContainEqual(expect.objectContaining({ check: 'AMI-007', severity: 'medium' }));
    const { stdout } = whenDown;
    expect(JSON.parse(stdout)).toMatchObject({
      target: imageId,
      os: { id: 'debian' },
      findings: expect.arrayContaining([expect.objectContaining({ check: 'SEC-001', path: '/opt/app/.env', line: 1 })]),
    });
  });

  it('scans a machine over ssh', () => {
    const env = withSshProgram(`exec tar -cf - -C '${target}' .`);

    const words = ['dist/cli.mjs', 'scan', 'ssh://admin@127.0.0.1', '-f', 'json'];
    const { status, stdout } = spawnSync(process.execPath, words, { env, encoding: 'utf8' });

    expect(status).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({
      target: 'ssh://admin@127.0.0.1',
      findings: expect.arrayContaining([expect.objectContaining({ check: 'SEC-001', path: '/opt/app/.env' })]),
    });
  });

  it('ends at Ctrl-C with 130, and ends what it started', async () => {
    const started = join(home.folder, 'started');
    const env = withSshProgram(`echo $$ >"${started}"\nexec sleep 60`);
    const child = spawn(process.execPath, ['dist/cli.mjs', 'scan', 'ssh://nobody@127.0.0.1'], { env });
    while (!existsSync(started) || readFileSync(started, 'utf8') === '') await setTimeout(20);

    child.kill('SIGINT');
    const [status] = (await once(child, 'close')) as [number];

    expect(status).toBe(130);
    const pid = Number(readFileSync(started, 'utf8'));
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});

/** Whether a finding is about what EC2 says, not about files. */
function isOfImage({ check }: { readonly check: string }): boolean {
  return /^(AMI|LCH)-/.test(check);
}

/** An environment in which `ssh` is this script. */
function withSshProgram(script: string) {
  const programs = join(home.folder, 'bin');
  mkdirSync(programs, { recursive: true });
  writeFileSync(join(programs, 'ssh'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { ...home.environment, PATH: `${programs}:${process.env['PATH']}` };
}

/** Links in circles and out of the folder, a FIFO, names with line ends, and secrets where they are looked for. */
function makeHostileFolder(root: string): void {
  for (const folder of ['etc/ssh', 'opt/app', 'var/lib/dpkg', 'home/a\nb\u001b[31m', 'srv/node_modules/left']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  const files = {
    'etc/os-release': 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"\n',
    'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000::/home/a\nb:/bin/sh\n',
    'etc/fstab': '# none\n',
    'opt/app/.env': `KEY=${PLANTED_SECRETS[0]}\nDB_PASSWORD=${PLANTED_SECRETS[1]}\n`,
    'etc/app.conf': `url=https://ci:${PLANTED_SECRETS[2]}@acme.test/\n`,
    'home/a\nb\u001b[31m/.bash_history': `mysql -p${PLANTED_SECRETS[1]}\n`,
    'var/lib/dpkg/status':
      'Package: bash\nStatus: install ok installed\nVersion: 5.2.15-2\nArchitecture: amd64\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\nArchitecture: amd64\n',
    'srv/node_modules/left/package.json': '{"name":"left","version":"1.0.0","license":"WTFPL"}',
  };
  for (const [path, content] of Object.entries(files)) writeFileSync(join(root, path), content);
  symlinkSync('..', join(root, 'srv/node_modules/loop'));
  symlinkSync('self', join(root, 'etc/self'));
  symlinkSync('/etc', join(root, 'srv/out'));
  symlinkSync('../../../../../../../../etc/hostname', join(root, 'etc/hostname'));
  execFileSync('mkfifo', [join(root, 'etc/ssh/sshd_config'), join(root, 'etc/shadow')]);
}

/** An AMI that a sandbox of this home has: the base image of a qcow2 with a small system. Gives its id in us-east-1. */
async function makeSandboxImage(): Promise<string> {
  const [raw, file] = [join(home.folder, 'disk.raw'), join(home.folder, 'disk.qcow2')];
  const folder = join(home.folder, 'system');
  mkdirSync(join(folder, 'opt/app'), { recursive: true });
  mkdirSync(join(folder, 'etc'));
  for (const path of ['etc/os-release', 'etc/fstab', 'opt/app/.env']) {
    writeFileSync(join(folder, path), readFileSync(join(target, path)));
  }
  makeExtImage(raw, folder);
  run('qemu-img', 'convert', '-O', 'qcow2', raw, file);
  const registered = await registerBaseImage(findSandboxPaths({ environment: home.environment }), {
    os: 'debian-12',
    architecture: 'x86_64',
    file,
    ownerId: '136693071363',
    name: 'debian-12-test',
    description: 'A test',
    rootDeviceName: '/dev/xvda',
    loginUser: 'admin',
    ssmParameters: [],
    createdAt: '2026-11-22T00:00:00Z',
  });
  return resolveBaseImageId(registered, 'us-east-1');
}
