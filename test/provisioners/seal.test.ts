import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createMachine, ROOTFS_TIMEOUT_MS, RUN_TIMEOUT_MS, type TestMachine } from './support/rootfs.js';

jest.setTimeout(RUN_TIMEOUT_MS);

const HASH = '$6$saltsalt$Zg0XHkWz8GnLFdJeJbUcs9nOGNVbI0cXzQzjL3bWw0u8rKRxPSgqUjB4dk5Yy2sNQ3mQzq6JYwQq5b0xWb4xw1';

// One line a fault: control, the path that proves it, and how it got there.
const FAULTS: readonly (readonly [control: string, path: string, plant: string])[] = [
  ['KEY-001', '/home/alice/.ssh/authorized_keys', 'ssh-ed25519 AAAA packer_1'],
  ['KEY-001', '/root/.ssh/authorized_keys', 'command="echo" ssh-rsa AAAA'],
  ['KEY-001', '/srv/app/.ssh/authorized_keys2', 'ssh-ed25519 AAAA app'],
  ['KEY-001', '/home/gone/.ssh/authorized_keys', 'ssh-ed25519 AAAA leftover of a deleted account'],
  ['KEY-001', '/etc/ssh/authorized_keys.d/alice', 'ssh-ed25519 AAAA back door'],
  ['KEY-002', '/srv/app/.ssh/deploy', '-----BEGIN OPENSSH PRIVATE KEY-----'],
  ['KEY-003', '/etc/ssh/ssh_host_rsa_key-cert.pub', 'ssh-rsa-cert-v01@openssh.com AAAA'],
  ['KEY-003', '/etc/ssh/ssh_host_dsa_key', 'x'],
  ['KEY-004', '/home/alice/.ssh/known_hosts', 'build.internal ssh-ed25519 AAAA'],
  ['KEY-009', '/var/lib/systemd/random-seed', 'seed'],
  ['SEAL-001', '/root/.bash_history', 'mysql -psecret'],
  ['SEAL-001', '/srv/app/.zsh_history', 'export TOKEN=1'],
  ['SEAL-001', '/home/alice/.local/share/fish/fish_history', '- cmd: x'],
  ['SEAL-001', '/home/alice/.viminfo', 'x'],
  ['SEAL-002', '/var/log/syslog.1', 'old'],
  ['SEAL-002', '/var/log/app/app.log.2.gz', 'old'],
  ['SEAL-002', '/var/log/messages-20260101', 'old'],
  ['SEAL-003', '/var/log/journal/0123456789abcdef0123456789abcdef/system.journal', 'x'],
  ['SEAL-005', '/var/lib/cloud/data/instance-id', 'i-0123456789abcdef0'],
  ['SEAL-005', '/var/lib/cloud/instances/i-0123456789abcdef0/user-data.txt', '#cloud-config'],
  ['SEAL-005', '/var/lib/cloud/sem/config_scripts_per_once.once', 'x'],
  ['SEAL-002', '/var/log/cloud-init-output.log', 'password'],
  ['SEAL-007', '/etc/cloud/cloud-init.disabled', ''],
  ['SEAL-009', '/var/lib/dhcp/dhclient.eth0.leases', 'lease {}'],
  ['SEAL-010', '/etc/udev/rules.d/70-persistent-net.rules', 'ATTR{address}=="02:00:00:00:00:01"'],
  ['SEAL-010', '/etc/netplan/50-cloud-init.yaml', 'macaddress: 02:00:00:00:00:01'],
  ['SEAL-011', '/var/cache/apt/archives/x_1_all.deb', 'x'],
  ['SEAL-012', '/tmp/script_1234.sh', 'x'],
  ['SEAL-012', '/var/tmp/with space and $(id)', 'x'],
  ['SEAL-013', '/var/lib/amazon/ssm/i-0123456789abcdef0/vault', 'x'],
  ['SEAL-017', '/root/anaconda-ks.cfg', `rootpw --iscrypted ${HASH}`],
  ['SEAL-018', '/swapfile', 'swapped out secret'],
  ['SEAL-020', '/home/alice/.ansible/tmp/x', 'x'],
  ['SSH-007', '/etc/ssh/sshd_config.d/50-cloud-init.conf', 'PasswordAuthentication yes'],
  ['ACC-008', '/etc/sudoers.d/90-cloud-init-users', 'alice ALL=(ALL) NOPASSWD:ALL'],
  ['ACC-015', '/etc/krb5.keytab', 'key of the host'],
  ['ACC-015', '/var/lib/sss/db/cache_example.ldb', 'remembered password'],
  ['FB-001', '/var/lib/buildimg/first-boot/instance-id', 'i-0123456789abcdef0'],
  ['FB-001', '/root/initial-credentials', 'password=x'],
  ['KEY-010', '/etc/nvme/hostid', '1234'],
  ['KEY-010', '/var/lib/tailscale/tailscaled.state', '{}'],
  ['SEAL-004', '/var/lib/sudo/ts/alice', 'x'],
  ['SEAL-015', '/etc/pki/consumer/cert.pem', '-----BEGIN CERTIFICATE-----'],
  ['SEAL-015', '/var/lib/ubuntu-advantage/private/machine-token.json', '{}'],
  ['SEAL-016', '/var/spool/cron/atjobs/a0000101', 'TOKEN=1'],
  ['SEAL-016', '/var/crash/app.crash', 'x'],
  ['SEAL-016', '/home/alice/core', 'memory'],
  ['ACC-010', '/var/backups/shadow.bak', `alice:${HASH}:1::::::`],
];

// Emptied, but still there, since daemons cannot make these themselves.
const EMPTIED = ['/var/log/auth.log', '/var/log/app/current.log', '/var/log/wtmp', '/var/log/btmp', '/var/log/lastlog'];

const KEPT: readonly (readonly [path: string, content: string])[] = [
  ['/var/lib/cloud/scripts/per-boot/product', '#!/bin/sh\necho product'],
  ['/var/lib/cloud/scripts/per-once/once', '#!/bin/sh\necho once'],
  ['/var/lib/cloud/seed/nocloud/meta-data', 'instance-id: x'],
  ['/home/alice/.ssh/config', 'Host x'],
  ['/srv/app/data', 'the product'],
  ['/var/spool/cron/crontabs/alice', '* * * * * true'],
  ['/etc/amazon/ssm/amazon-ssm-agent.json', '{}'],
  ['/var/spool/cron/atjobs/.SEQ', '00001'],
  ['/etc/apt/apt.conf.d/80proxy', 'Acquire::http::Proxy "http://proxy.example.com:3128";'],
];

const PLANT = `
set -e
put() { mkdir -p "$(dirname "$1")"; printf '%s\\n' "$2" >"$1"; }
useradd -m -p '${HASH}' alice
useradd -m -d /srv/app -p '!${HASH}' app
useradd -r -p '' daemonish
groupmod -p '${HASH}' users
${FAULTS.map(([, path, content]) => `put '${path}' '${content}'`).join('\n')}
${EMPTIED.map((path) => `put '${path}' 'something'`).join('\n')}
${KEPT.map(([path, content]) => `put '${path}' '${content}'`).join('\n')}
chmod 755 /var/lib/cloud/scripts/per-boot/product
chown alice /var/log/app/current.log
put /data/keys 'ssh-ed25519 AAAA behind a link'
mkdir -p /var/lib/daemonish; ln -sf /data/keys /home/alice/.ssh/authorized_keys2
put /etc/ssh/sshd_config.d/10-keys.conf 'AuthorizedKeysFile /etc/keys/%u .ssh/authorized_keys'
put /etc/keys/alice 'ssh-ed25519 AAAA elsewhere'
printf 'Match User app\\n  AuthorizedKeysFile /etc/keys/special-%%u\\n' >>/etc/ssh/sshd_config
put /etc/keys/special-app 'ssh-ed25519 AAAA for a Match block only'
put /etc/machine-id 0123456789abcdef0123456789abcdef
rm -f /var/lib/dbus/machine-id; put /var/lib/dbus/machine-id 0123456789abcdef0123456789abcdef
put /etc/hostname ip-10-0-0-7
printf '127.0.0.1 localhost\\n127.0.1.1 ip-10-0-0-7.ec2.internal ip-10-0-0-7\\n10.1.1.1 database\\n' >/etc/hosts
printf 'UUID=1234 / ext4 defaults 0 1\\n/swapfile none swap sw 0 0\\n' >/etc/fstab
`;

describe('seal', () => {
  let machine: TestMachine;

  beforeAll(async () => {
    await (await createMachine()).remove();
  }, ROOTFS_TIMEOUT_MS);

  beforeEach(async () => {
    machine = await createMachine();
  });

  afterEach(() => machine.remove());

  it('finds every planted fault by its control', async () => {
    await machine.run(PLANT);

    const result = await machine.provision('seal/verify.sh');

    expect(result.exitCode).toBe(1);
    for (const [control, path] of FAULTS) {
      expect([path, findMiss(result.stderr, control, path)]).toEqual([path, expect.any(String)]);
    }
    for (const text of [
      'ACC-002  alice',
      'ACC-002  app',
      'ACC-002  daemonish',
      'ACC-002  users',
      'KEY-001  /etc/keys/alice',
      'KEY-001  /etc/keys/special-app',
      'KEY-001  /home/gone/.ssh/authorized_keys',
      'KEY-001  /srv/app/.ssh/authorized_keys2',
      'KEY-005',
      'KEY-006',
      'KEY-007',
      'KEY-008',
      'SEAL-008',
    ]) {
      expect(result.stderr).toContain(text);
    }
  });

  it('removes every planted fault, keeps what is not its own, and changes nothing the second time', async () => {
    await machine.run(PLANT);

    const first = await machine.provision('seal/apply.sh');
    const gone = [
      ...FAULTS.map(([, path]) => path),
      '/etc/keys/alice',
      '/etc/keys/special-app',
      '/data/keys',
      '/etc/shadow-',
      '/etc/gshadow-',
    ];
    const left = await machine.run(
      `rm -rf /tmp/buildimg-upload; ls -d ${gone.map((path) => `'${path}'`).join(' ')} 2>/dev/null`,
    );
    const emptied = await machine.run(`stat -c '%n %s' ${EMPTIED.join(' ')}; stat -c %U /var/log/app/current.log`);
    const kept = await machine.run(KEPT.map(([path]) => `cat ${path}`).join(' && '));
    const afterFirst = await machine.fingerprint();
    const second = await machine.provision('seal/apply.sh');
    const afterSecond = await machine.fingerprint();

    expect(first).toMatchObject({ exitCode: 0 });
    expect(first.stdout).toContain('seal: all controls hold');
    expect(left.stdout).toBe('');
    expect(emptied.stdout.split('\n')).toEqual([...EMPTIED.map((path) => `${path} 0`), 'alice']);
    expect(kept.stdout).toBe(KEPT.map(([, content]) => content).join('\n'));
    expect(second).toMatchObject({ exitCode: 0 });
    expect(afterSecond).toEqual(afterFirst);
  });

  it('leaves identities that are made anew by each launch', async () => {
    await machine.run(PLANT);

    await machine.provision('seal/apply.sh');
    const state = await machine.run(`
      stat -c '%n %s' /etc/machine-id /etc/hostname; readlink /var/lib/dbus/machine-id
      cat /etc/hosts /etc/fstab
      cut -d: -f1,2 /etc/shadow | grep -E '^(alice|app|daemonish|root):'; grep ^users: /etc/gshadow
      stat -c '%a %U' /var/lib/cloud/scripts/per-boot/product; ls /etc/systemd/system/*.wants/buildimg-*`);

    expect(state.stdout.split('\n')).toEqual([
      '/etc/machine-id 0',
      '/etc/hostname 0',
      '/etc/machine-id',
      '127.0.0.1 localhost',
      '10.1.1.1 database',
      'UUID=1234 / ext4 defaults 0 1',
      'root:*',
      'alice:!*',
      'app:!*',
      'daemonish:!*',
      'users:!*::',
      '755 root',
      '/etc/systemd/system/multi-user.target.wants/buildimg-hostkeys.service',
      '/etc/systemd/system/ssh.service.wants/buildimg-hostkeys.service',
      '/etc/systemd/system/sysinit.target.wants/buildimg-snakeoil.service',
    ]);
  });

  it('installs units that systemd accepts and that bring the keys back', async () => {
    await machine.provision('seal/apply.sh');

    const verified = await machine.run(
      'cd /etc/systemd/system && systemd-analyze verify buildimg-hostkeys.service buildimg-snakeoil.service',
    );
    const returned = await machine.run(`
      for unit in hostkeys snakeoil; do
        eval "$(sed -n 's/^ExecStart=//p' /etc/systemd/system/buildimg-$unit.service)" >/dev/null 2>&1 || echo failed $unit
      done
      ls /etc/ssh/ssh_host_*_key /etc/ssl/private; mkdir -p /run/sshd; sshd -t && echo sshd would start`);

    expect(verified.stderr).not.toContain('buildimg-');
    expect(returned.stdout.split('\n')).toEqual([
      '/etc/ssh/ssh_host_ecdsa_key',
      '/etc/ssh/ssh_host_ed25519_key',
      '/etc/ssh/ssh_host_rsa_key',
      '',
      '/etc/ssl/private:',
      'ssl-cert-snakeoil.key',
      'sshd would start',
    ]);
  });

  it('writes `uninitialized` when asked, and says so when it is not there any more', async () => {
    const sealed = await machine.provision('seal/apply.sh', { MACHINE_ID: 'uninitialized' });
    const { stdout } = await machine.run('cat /etc/machine-id; rm /etc/machine-id');
    const verified = await machine.provision('seal/verify.sh', { MACHINE_ID: 'uninitialized' });

    expect(sealed).toMatchObject({ exitCode: 0 });
    expect(stdout).toBe('uninitialized');
    expect(verified.stderr).toContain('FAIL  KEY-006  /etc/machine-id is missing');
  });

  it('fails the build, naming every miss, when something cannot be removed', async () => {
    // A host key that first boot would not make again: removing it alone would leave an image nobody can log in to.
    await machine.run(`mkdir -p /srv/keys; ssh-keygen -q -t ed25519 -N '' -f /srv/keys/host
      echo 'HostKey /srv/keys/host' >/etc/ssh/sshd_config.d/10-host.conf
      mkdir -p /var/tmp/busy && echo x >/var/tmp/busy/file`);

    const result = await machine.run(
      `mkdir -p /run/busy && mount --bind /run/busy /var/tmp/busy && touch /run/busy/x
       bash /tmp/buildimg-upload/provisioners/seal/apply.sh`,
    );

    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain('FAIL  SSH-010  /srv/keys/host is configured as a host key');
    expect(result.stderr).toContain('FAIL  SEAL-012  /var/tmp/busy is a temporary file');
    expect(result.stderr).toContain('buildimg: the image is not clean');
  });

  it('takes proxies and addresses of network cards out of files that stay', async () => {
    await machine.run(`echo 'Acquire::http::Proxy "http://proxy.example.com:3128";' >/etc/apt/apt.conf.d/80proxy
      mkdir -p /etc/NetworkManager/system-connections
      printf '[ethernet]\\nmac-address=02:00:00:00:00:01\\nmtu=9001\\n' >/etc/NetworkManager/system-connections/a.nmconnection`);

    const before = await machine.provision('seal/verify.sh', { PACKAGE_PROXY: 'remove' });
    const sealed = await machine.provision('seal/apply.sh', { PACKAGE_PROXY: 'remove' });
    const { stdout } = await machine.run(
      'cat /etc/apt/apt.conf.d/80proxy /etc/NetworkManager/system-connections/a.nmconnection',
    );

    expect(before.stderr).toContain(
      'FAIL  SEAL-024  /etc/apt/apt.conf.d/80proxy sends package managers through a proxy',
    );
    expect(before.stderr).toContain(
      'FAIL  SEAL-010  /etc/NetworkManager/system-connections/a.nmconnection names a network',
    );
    expect(sealed).toMatchObject({ exitCode: 0 });
    expect(stdout).toBe('[ethernet]\nmtu=9001');
  });

  it('works without cloud-init, sshd and D-Bus', async () => {
    await machine.run(`rm -rf /usr/bin/cloud-init /etc/cloud /var/lib/cloud /etc/ssh/sshd_config /var/lib/dbus`);

    const result = await machine.provision('seal/apply.sh');

    expect(result).toMatchObject({ exitCode: 0 });
  });
});

/** The line that reports this path, or a folder that it lies in, under that control. */
function findMiss(stderr: string, control: string, path: string): string | undefined {
  const folders = path.split('/').map((_, index, parts) => parts.slice(0, parts.length - index).join('/'));
  return stderr
    .split('\n')
    .find((line) => folders.some((folder) => folder && line.startsWith(`FAIL  ${control}  ${folder} `)));
}
