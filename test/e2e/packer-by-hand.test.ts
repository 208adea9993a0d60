// What a user does without `buildimg build`: renders a folder, and runs packer in it against the sandbox. With -debug,
// because packer then writes the build's private key down, so that it can be tried on the image.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type LaunchedInstance, runInGuest } from '../support/guest.js';
import { createHome, type Home } from '../support/run-cli.js';
import { readSandboxEnvironment } from '../support/sandbox-ec2.js';

const CONFIG = 'test/e2e/fixtures/plain/buildimg.yaml';

describe('packer build by hand in a rendered folder', () => {
  let home: Home;
  let folder: string;
  let output: string;
  let instance: LaunchedInstance;

  beforeAll(async () => {
    home = await createHome();
    folder = join(home.folder, 'rendered', 'plain');
    await home.run('render', '--config', CONFIG, '--out', join(home.folder, 'rendered'), '--target', 'packer-hcl2');
    await home.run('sandbox', 'up');
    await home.run('sandbox', 'image', 'build', 'debian-12');
    output = await runPacker(folder, { ...home.environment, ...(await readSandboxEnvironment(home)) });
    const [, amiId = 'no AMI id in the output'] = /us-east-1: (ami-[0-9a-f]{17})/.exec(output) ?? [];
    instance = await home.runJson<LaunchedInstance>('sandbox', 'launch', amiId, '--json');
  }, 1_800_000);

  afterAll(async () => {
    await home.run('sandbox', 'down');
    home.remove();
  }, 120_000);

  it('ends with an AMI', () => {
    expect(output).toMatch(/AMIs were created:\s+us-east-1: ami-[0-9a-f]{17}/);
  });

  it('carries strings of the config into the image as plain text', async () => {
    const greeting = await runInGuest(instance, 'cat /etc/greeting');

    expect(greeting).toEqual({ status: 0, output: '{{user `x`}} ${y} $(id) "quoted"' });
  });

  it('has an image that the key of its build no longer opens', async () => {
    const [keyFile = 'no key was written'] = readdirSync(folder).filter((name) => name.endsWith('.pem'));
    const builder = { ...instance, keyFile: join(folder, keyFile) };
    const refused = await runInGuest(builder, 'id');
    const allowed = await runInGuest(instance, 'id -un');

    expect(refused.status).toBe(255);
    expect(refused.output).toContain('Permission denied (publickey)');
    expect(allowed).toEqual({ status: 0, output: 'admin' });
  });
});

/** Without a terminal, packer goes on after each step that -debug would pause at. */
function runPacker(cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn('packer', ['build', '-debug', '-color=false', 'template.pkr.json'], {
    cwd,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end('\n'.repeat(500));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      output += data;
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => {
      if (status === 0) resolve(output);
      else reject(new Error(`packer build exited ${status}:\n${output.slice(-4000)}`));
    });
  });
}
