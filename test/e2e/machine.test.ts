// One real machine from the Debian base image, as the sandbox's API side drives it: one boot serves many assertions.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findCachedKernel } from '../../src/sandbox/image/base-image.js';
import type { InstanceDriver, LaunchRequest, MachineState } from '../../src/sandbox/machine/instance-driver.js';
import { runProbe } from '../../src/sandbox/machine/kvm-probe.js';
import { createQemuDriver } from '../../src/sandbox/machine/qemu-driver.js';
import { aLaunchRequest, someMetadata } from '../support/a-launch-request.js';
import { baseImageCache, getBaseImage } from '../support/base-image.js';
import { type GuestResult, runInGuest } from '../support/guest.js';
import { type HostService, openHostService } from '../support/host-service.js';

const FIRST = 'i-0aaaaaaaaaaaaaaa1';
const SECOND = 'i-0bbbbbbbbbbbbbbb2';
const SSH_PORT = 22_722;
const BOOT_LIMIT_MS = 600_000;
/** Router, name server, another address of the VPC, everybody, a link-local one, a loopback one, QEMU's own defaults. */
const STRANGERS = [
  '172.31.0.1',
  '172.31.0.2',
  '172.31.0.3',
  '255.255.255.255',
  '169.254.169.254',
  '127.99.0.1',
  '10.0.2.2',
  '[fec0::2]',
];
const METADATA = 'http://169.254.169.254/latest';

describe('a QEMU machine', () => {
  let folder: string;
  let stateDir: string;
  let keyFile: string;
  let driver: InstanceDriver;
  let firstHostKey: string;
  /** What stands for the sandbox's endpoint, and for anything else that listens on the host. */
  let endpoint: HostService;
  let stranger: HostService;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'buildimg-machine-'));
    stateDir = join(folder, 'state');
    keyFile = join(folder, 'key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', keyFile]);
    const image = await getBaseImage();
    [endpoint, stranger] = [await openHostService(), await openHostService()];
    driver = openDriver();
    await driver.openToGuests(endpoint.port);
    await launch(FIRST, image.file);
    firstHostKey = (await run('cat /etc/ssh/ssh_host_ed25519_key.pub')).output;
  }, 1_200_000);

  afterAll(async () => {
    for (const id of [FIRST, SECOND]) await driver.terminate(id);
    for (const service of [endpoint, stranger]) await service.close();
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

  it('reaches the sandbox on its host', async () => {
    const result = await run(curl(`http://172.31.0.1:${endpoint.port}/`));

    expect(result.output).toBe('200');
  });

  it('reaches nothing else on its host, whatever address it tries and however root bends its routes', async () => {
    const port = stranger.port;
    const script = [
      'set -u; nic=$(ip -o route show default | sed "s/.* dev \\([^ ]*\\).*/\\1/")',
      // Without its own loopback route the guest sends 127.0.0.0/8 to its router, which would take it for the host's.
      'sudo sysctl -qw net.ipv4.conf.all.route_localnet=1 net.ipv6.conf.$nic.disable_ipv6=0',
      'sudo ip route add 127.99.0.1/32 via 172.31.0.1 dev $nic table 99; sudo ip rule add to 127.99.0.1 priority 1 table 99',
      'sudo ip rule add priority 2 table local; sudo ip rule del priority 0',
      'sudo ip -6 address add fec0::9/64 dev $nic nodad',
      `for to in ${STRANGERS.map((to) => `'${to}'`).join(' ')}; do echo "$to $(${curl(`http://$to:${port}/`)})" & done; wait`,
      'sudo ip rule del priority 1',
    ].join('; ');

    const result = await run(script);

    expect(result.output.split('\n').toSorted()).toEqual(STRANGERS.map((to) => `${to} 000`).toSorted());
    expect(stranger.connections()).toBe(0);
  }, 300_000);

  it('outlives its server, and a later one takes it over with its metadata service', async () => {
    await driver.detachAll();
    driver = openDriver();
    await driver.openToGuests(endpoint.port);
    await driver.attachAll();

    const result = await run(`${curl(`${METADATA}/`)}; ${curl(`http://172.31.0.1:${endpoint.port}/`)}`);

    expect(driver.find(FIRST)?.state).toBe('running');
    expect(result.output).toBe('401200');
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
    return createQemuDriver({ stateDir, now: () => Date.now(), findKernel });
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

describe('the probe of KVM', () => {
  it('boots the kernel of a base image to a process that prints its line, here emulated', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'buildimg-probe-'));
    const kernel = await findKernel();
    try {
      const request = { folder, program: 'qemu-system-x86_64', accelerator: 'tcg', kernel, limitMs: 240_000 } as const;

      expect(await runProbe(request)).toEqual({ kind: 'alive' });
      expect(kernel).toContain('vmlinuz');
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 300_000);
});

async function findKernel(): Promise<string | undefined> {
  await getBaseImage();
  return await findCachedKernel(baseImageCache());
}

/** Prints the status; 000 when nobody answers. */
function curl(url: string): string {
  return `curl -g -s -m 4 -o /dev/null -w '%{http_code}' "${url}"`;
}
