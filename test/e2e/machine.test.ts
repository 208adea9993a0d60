// One real machine from the Debian base image, as the sandbox's API side drives it: one boot serves many assertions.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { InstanceDriver, LaunchRequest, MachineState } from '../../src/sandbox/machine/instance-driver.js';
import { createQemuDriver } from '../../src/sandbox/machine/qemu-driver.js';
import { aLaunchRequest, someMetadata } from '../support/a-launch-request.js';
import { getBaseImage } from '../support/base-image.js';
import { type GuestResult, runInGuest } from '../support/guest.js';

const FIRST = 'i-0aaaaaaaaaaaaaaa1';
const SECOND = 'i-0bbbbbbbbbbbbbbb2';
const SSH_PORT = 22_722;
const BOOT_LIMIT_MS = 600_000;
const METADATA = 'http://169.254.169.254/latest';

describe('a QEMU machine', () => {
  let folder: string;
  let stateDir: string;
  let keyFile: string;
  let driver: InstanceDriver;
  let firstHostKey: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'buildimg-machine-'));
    stateDir = join(folder, 'state');
    keyFile = join(folder, 'key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', keyFile]);
    const image = await getBaseImage();
    driver = openDriver();
    await launch(FIRST, image.file);
    firstHostKey = (await run('cat /etc/ssh/ssh_host_ed25519_key.pub')).output;
  }, 1_200_000);

  afterAll(async () => {
    for (const id of [FIRST, SECOND]) await driver.terminate(id);
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('lets the key of its metadata in as admin, with sudo and without a password', async () => {
    const result = await run('id -un; sudo -n id -un; sudo passwd --status root; sudo passwd --status admin');

    expect(result.output.split('\n').slice(0, 2)).toEqual(['admin', 'root']);
    expect(result.output).toMatch(/^root L /m);
    expect(result.output).toMatch(/^admin L /m);
  });

  it('has the address and the name that EC2 would give it', async () => {
    const result = await run('hostname; ip -4 -o address show scope global');

    expect(result.output).toContain('ip-172-31-5-7');
    expect(result.output).toContain('172.31.5.7/');
  });

  it('reads its metadata with a session token only', async () => {
    const script = [
      `curl -s -o /dev/null -w '%{http_code}\\n' ${METADATA}/meta-data/instance-id`,
      `token=$(curl -s -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' ${METADATA}/api/token)`,
      `curl -s -H "X-aws-ec2-metadata-token: $token" ${METADATA}/meta-data/instance-id`,
    ].join('; ');

    const result = await run(script);

    expect(result.output).toBe(`401\n${FIRST}`);
  });

  it('is recognised by cloud-init as EC2 and finishes its first boot', async () => {
    const result = await run('cloud-init status --wait >/dev/null; cloud-init status; cat /run/cloud-init/cloud-id');

    expect(result.output).toBe('status: done\naws');
  }, 300_000);

  it('shows its host keys on the console', async () => {
    const console = (await driver.readConsole(FIRST)).toString();

    expect(console).toContain('BEGIN SSH HOST KEY KEYS');
    expect(console).toContain(firstHostKey.split(' ')[1]);
  });

  it('reaches the package mirror', async () => {
    const result = await run(
      "curl -s -o /dev/null -w '%{http_code}' http://deb.debian.org/debian/dists/bookworm/InRelease",
    );

    expect(result.output).toBe('200');
  });

  it('outlives its server, and a later one takes it over with its metadata service', async () => {
    await driver.detachAll();
    driver = openDriver();
    await driver.attachAll();

    const result = await run(`curl -s -o /dev/null -w '%{http_code}' ${METADATA}/`);

    expect(driver.find(FIRST)?.state).toBe('running');
    expect(result.output).toBe('401');
  });

  it(
    'keeps its disk and its identity over stop and start',
    async () => {
      await run('echo kept | sudo tee /etc/kept >/dev/null; sync');
      await driver.stop(FIRST, { force: false });
      const stopped = driver.find(FIRST)?.state;
      const running = untilState(FIRST, 'running');
      await driver.start(FIRST);
      await running;

      const result = await run('cat /etc/kept; cat /etc/ssh/ssh_host_ed25519_key.pub');

      expect(stopped).toBe('stopped');
      expect(result.output).toBe(`kept\n${firstHostKey}`);
    },
    BOOT_LIMIT_MS,
  );

  it('is stopped when the guest powers itself off', async () => {
    const stopped = untilState(FIRST, 'stopped');
    await run('sudo systemctl poweroff');

    await stopped;

    expect(driver.find(FIRST)?.state).toBe('stopped');
  }, 120_000);

  it(
    'is captured as an image that boots as another instance with host keys of its own',
    async () => {
      const captured = join(folder, 'captured.qcow2');
      await driver.capture(FIRST, captured);
      await driver.terminate(FIRST);
      await launch(SECOND, captured);

      const result = await run(
        'cat /etc/kept; cat /var/lib/cloud/data/instance-id; cat /etc/ssh/ssh_host_ed25519_key.pub',
      );

      const [kept, instanceId, hostKey] = result.output.split('\n');
      expect([kept, instanceId]).toEqual(['kept', SECOND]);
      expect(hostKey).toMatch(/^ssh-ed25519 /);
      expect(hostKey).not.toBe(firstHostKey);
    },
    BOOT_LIMIT_MS,
  );

  function openDriver(): InstanceDriver {
    return createQemuDriver({ stateDir, now: () => Date.now() });
  }

  async function launch(instanceId: string, baseImage: string): Promise<void> {
    const running = untilState(instanceId, 'running');
    await driver.launch(launchRequest(instanceId, baseImage));
    await running;
  }

  function launchRequest(instanceId: string, baseImage: string): LaunchRequest {
    const publicKey = readFileSync(`${keyFile}.pub`, 'utf8').trim();
    const metadata = someMetadata({ instanceId, publicKey, keyName: 'test' });
    return aLaunchRequest({ instanceId, baseImage, sshPort: SSH_PORT, metadata });
  }

  function run(command: string): Promise<GuestResult> {
    return runInGuest({ publicIp: '127.199.0.7', keyFile, sshPort: SSH_PORT }, command);
  }

  function untilState(instanceId: string, state: MachineState): Promise<void> {
    return new Promise((resolve) => {
      driver.onStateChange((id, reached) => id === instanceId && reached === state && resolve());
    });
  }
});
