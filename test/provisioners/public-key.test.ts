import { describe, expect, it, jest } from '@jest/globals';
import { useLaunch } from './support/launch.js';
import { RUN_TIMEOUT_MS } from './support/rootfs.js';

jest.setTimeout(RUN_TIMEOUT_MS);

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA1 launch-key';
const OTHER = 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAB second';
const NETWORK = '/etc/systemd/network/80-ethernet.network';
const KEYS_FILE = '/home/admin/.ssh/authorized_keys';

const launch = useLaunch({
  script: 'public-key',
  metadata: {
    'instance-id': 'i-0123456789abcdef0',
    'public-keys/': '0=launch-key\n1=second',
    'public-keys/0/openssh-key': `${KEY}\n`,
    'public-keys/1/openssh-key': OTHER,
  },
  prepare: `rm -f /usr/bin/cloud-init; printf '[Match]\\nType=ether\\n[Network]\\nDHCP=yes\\n' >${NETWORK}`,
});
const { boot, read } = launch;

describe('public-key', () => {
  it('goes from red to green, and changes nothing the second time', async () => {
    const before = await launch.machine.provision('public-key/verify.sh');
    const first = await launch.machine.provision('public-key/apply.sh');
    const afterFirst = await launch.machine.fingerprint();
    const second = await launch.machine.provision('public-key/apply.sh');
    const afterSecond = await launch.machine.fingerprint();

    expect(before.stderr).toContain('FAIL  CLD-001  there is no admin');
    expect(before.stderr).toContain('FAIL  KEY-005');
    expect(first).toMatchObject({ exitCode: 0, stderr: '' });
    expect(second).toMatchObject({ exitCode: 0, stdout: 'public-key: all controls hold' });
    expect(afterSecond).toEqual(afterFirst);
  });

  it('installs units that systemd accepts, before sshd and without a cycle', async () => {
    await launch.machine.provision('public-key/apply.sh');

    const verified = await launch.machine.run(
      'cd /etc/systemd/system && systemd-analyze verify buildimg-public-key.service buildimg-hostkeys.service ssh.service 2>&1; true',
    );

    expect(verified.stdout).not.toMatch(/cycle|buildimg-/);
    expect(await read('/etc/systemd/system/buildimg-public-key.service')).toContain('Before=ssh.service sshd.service');
  });

  it('lets every key of the launch in, closed to others, for a user without a password', async () => {
    await launch.machine.provision('public-key/apply.sh');

    const booted = await boot('i-0123456789abcdef0');
    const { stdout } = await launch.machine.run(
      `stat -c '%a %U' /home/admin/.ssh ${KEYS_FILE}; grep ^admin: /etc/shadow | cut -d: -f2; visudo -cq && sudo -l -U admin | tail -1; ls /tmp`,
    );

    expect(booted).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await read(KEYS_FILE)).toBe(`${KEY}\n${OTHER}`);
    expect(stdout.split('\n').map((line) => line.trim())).toEqual([
      '700 admin',
      '600 admin',
      '*',
      '(ALL) NOPASSWD: ALL',
      'buildimg-upload',
    ]);
  });

  it('adds keys once an instance: what was removed stays away, and a clone gets those of its own launch', async () => {
    await launch.machine.provision('public-key/apply.sh', { SUDO: 'false' });
    await boot('i-0123456789abcdef0');
    await launch.machine.run(`printf 'ssh-ed25519 AAAA own' >${KEYS_FILE}`);

    await boot('i-0123456789abcdef0');
    const sameInstance = await read(KEYS_FILE);
    await boot('i-0fedcba9876543210');
    const clone = await read(KEYS_FILE);

    expect(sameInstance).toBe('ssh-ed25519 AAAA own');
    expect(clone).toBe(`ssh-ed25519 AAAA own\n${KEY}\n${OTHER}`);
    expect(await read('/etc/sudoers.d/50-buildimg-public-key')).toBe('');
  });

  it('takes nothing but keys, and does without if the launch has none', async () => {
    launch.imds.metadata.set('public-keys/0/openssh-key', `command="sh" ${KEY}\n<html>\n${KEY}`);
    launch.imds.metadata.set('public-keys/', '0=launch-key\n../../user-data=x');
    await launch.machine.provision('public-key/apply.sh', { USER: 'ops' });

    await boot('i-0123456789abcdef0');
    launch.imds.metadata.delete('public-keys/');
    const without = await boot('i-0fedcba9876543210');

    expect(await read('/home/ops/.ssh/authorized_keys')).toBe(KEY);
    expect(without).toMatchObject({ exitCode: 0 });
    expect(without.stdout).toContain('without a key pair');
  });

  it('follows no link of the user as root, and fails without a token', async () => {
    await launch.machine.provision('public-key/apply.sh');
    await launch.machine.run(`install -d -o admin /home/admin/.ssh; ln -s /etc/cron.d/evil ${KEYS_FILE}`);

    const linked = await boot('i-0123456789abcdef0');
    const { stdout } = await launch.machine.run('ls /etc/cron.d/evil 2>/dev/null; ls /var/lib/buildimg 2>/dev/null');
    launch.imds.setEnabled(false);
    const refused = await boot('i-0123456789abcdef0');

    expect(linked.exitCode).toBe(1);
    expect(stdout).toBe('');
    expect(refused.stderr).toContain('gives no token');
  });

  it.each([
    ['no settings', 'true'],
    ['those of cloud-init', "printf 'dhcp4: true\\n' >/etc/netplan/50-cloud-init.yaml"],
    ['a fixed address', `printf '[Network]\\nAddress=10.0.0.5/24\\n' >${NETWORK}`],
  ])('refuses an image whose network has %s', async (_, settings) => {
    await launch.machine.run(`rm ${NETWORK}; mkdir -p /etc/netplan; ${settings}`);

    const result = await launch.machine.provision('public-key/apply.sh');
    const verified = await launch.machine.provision('public-key/verify.sh');

    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain('only cloud-init would have set up the network; put DHCP settings into the image');
    expect(verified.stderr).toContain('FAIL  CLD-007  nothing would ask for an address');
  });

  it.each([
    [
      'netplan',
      'printf \'network:\\n  ethernets:\\n    all: { match: { name: "e*" } }\\n      dhcp4: true\\n\' >/etc/netplan/80-own.yaml',
    ],
    ['ifupdown', "printf 'auto ens5\\niface ens5 inet dhcp\\n' >/etc/network/interfaces"],
    ['NetworkManager', 'install -m 755 /bin/true /usr/sbin/NetworkManager'],
  ])('takes an image whose network is that of %s', async (_, settings) => {
    await launch.machine.run(`rm ${NETWORK}; mkdir -p /etc/netplan /etc/network; ${settings}`);

    const result = await launch.machine.provision('public-key/apply.sh');

    expect(result).toMatchObject({ exitCode: 0 });
  });

  it('leaves images with cloud-init to cloud-init', async () => {
    await launch.machine.run('install -m 755 /bin/true /usr/bin/cloud-init');

    const result = await launch.machine.provision('public-key/apply.sh');

    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain('cloud-init is installed');
  });
});
