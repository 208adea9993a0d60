// Every control of harden by mutation: what it has changed is undone, and exactly its own check must turn red; applying
// it again must turn it green.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createMachine, ROOTFS_TIMEOUT_MS, RUN_TIMEOUT_MS, type TestMachine } from './support/rootfs.js';

jest.setTimeout(RUN_TIMEOUT_MS);

const HARDEN = join(dirname(fileURLToPath(import.meta.url)), '../../provisioners/harden');
const SSHD = '/etc/ssh/sshd_config.d/00-buildimg.conf';
const SYSCTL = '/etc/sysctl.d/60-buildimg.conf';

interface Mutation {
  readonly id: string;
  /** cis-l1 has every control but those for images that others get. */
  readonly profile: 'shared' | 'marketplace' | 'cis-l1';
  /** Makes the check red. */
  readonly plant: string;
  /** For controls that only report: makes it green again. */
  readonly undo?: string;
}

function sshd(id: string, directive: string): Mutation {
  const keyword = directive.split(' ')[0] ?? '';
  return { id, profile: 'cis-l1', plant: `sed -i 's|^${keyword} .*|${directive}|' ${SSHD}` };
}

const MUTATIONS: readonly Mutation[] = [
  { id: 'ACC-001', profile: 'cis-l1', plant: `usermod -p '' nobody` },
  { id: 'ACC-004', profile: 'cis-l1', plant: `usermod -p '$6$salt$hash' root` },
  {
    id: 'ACC-005',
    profile: 'cis-l1',
    plant: 'useradd -o -u 0 -M -s /usr/sbin/nologin toor',
    undo: `sed -i '/^toor:/d' /etc/passwd /etc/shadow`,
  },
  { id: 'ACC-007', profile: 'shared', plant: 'useradd -M -s /bin/bash eve', undo: 'userdel eve' },
  {
    id: 'ACC-008',
    profile: 'marketplace',
    plant: `echo 'eve ALL=(ALL) NOPASSWD:ALL' >/etc/sudoers.d/eve; chmod 440 /etc/sudoers.d/eve`,
    undo: 'rm /etc/sudoers.d/eve',
  },
  { id: 'ACC-009', profile: 'cis-l1', plant: 'chmod 644 /etc/sudoers' },
  { id: 'ACC-011', profile: 'cis-l1', plant: 'chmod 644 /etc/shadow' },
  { id: 'ACC-012', profile: 'cis-l1', plant: `sed -i 's/^ENCRYPT_METHOD.*/ENCRYPT_METHOD MD5/' /etc/login.defs` },
  { id: 'ACC-014', profile: 'cis-l1', plant: 'rm /etc/systemd/system/debug-shell.service' },
  { id: 'ACC-016', profile: 'cis-l1', plant: 'usermod -s /bin/bash games' },
  { id: 'SUD-001', profile: 'cis-l1', plant: 'sed -i /use_pty/d /etc/sudoers.d/60-buildimg /etc/sudoers' },
  { id: 'SUD-002', profile: 'cis-l1', plant: 'sed -i /logfile/d /etc/sudoers.d/60-buildimg' },
  sshd('SSH-001', 'PermitRootLogin prohibit-password'),
  sshd('SSH-002', 'PasswordAuthentication yes'),
  sshd('SSH-003', 'KbdInteractiveAuthentication yes'),
  sshd('SSH-004', 'PermitEmptyPasswords yes'),
  {
    id: 'SSH-005',
    profile: 'cis-l1',
    plant: `printf 'Match User bob\\n  PasswordAuthentication yes\\n' >/etc/ssh/sshd_config.d/50-bob.conf; chmod 600 /etc/ssh/sshd_config.d/50-bob.conf`,
    undo: 'rm /etc/ssh/sshd_config.d/50-bob.conf',
  },
  {
    id: 'SSH-007',
    profile: 'cis-l1',
    plant: 'rm /etc/cloud/cloud.cfg.d/99-buildimg.cfg; echo "ssh_pwauth: true" >>/etc/cloud/cloud.cfg',
  },
  sshd('SSH-008', 'UseDNS yes'),
  sshd('SSH-009', 'PubkeyAuthentication no'),
  sshd('SSH-011', 'PermitUserEnvironment yes'),
  sshd('SSH-012', 'X11Forwarding yes'),
  sshd('SSH-013', 'MaxAuthTries 6'),
  sshd('SSH-014', 'KexAlgorithms ecdh-sha2-nistp256'),
  sshd('SSH-015', 'AllowTcpForwarding no'),
  {
    id: 'SSH-016',
    profile: 'cis-l1',
    plant: 'mkdir -p /opt/aws/bin; install -m 755 /bin/true /opt/aws/bin/eic_run_authorized_keys',
    undo: `printf 'AuthorizedKeysCommand /opt/aws/bin/eic_run_authorized_keys %%u %%f\\nAuthorizedKeysCommandUser nobody\\n' >/etc/ssh/sshd_config.d/60-eic.conf; chmod 600 /etc/ssh/sshd_config.d/60-eic.conf`,
  },
  {
    id: 'SSH-017',
    profile: 'shared',
    plant: `echo 'TrustedUserCAKeys /etc/ssh/ca.pub' >/etc/ssh/sshd_config.d/70-ca.conf; echo x >/etc/ssh/ca.pub`,
    undo: 'rm /etc/ssh/sshd_config.d/70-ca.conf',
  },
  { id: 'SSH-018', profile: 'cis-l1', plant: 'chmod 644 /etc/ssh/sshd_config' },
  { id: 'SSH-019', profile: 'cis-l1', plant: 'echo "20230101000000 2 6 100 2047 5 ABCDEF" >>/etc/ssh/moduli' },
  sshd('SSH-021', 'MaxSessions 20'),
  { id: 'KRN-001', profile: 'cis-l1', plant: `sed -i 's/^kernel.kptr_restrict.*/kernel.kptr_restrict=0/' ${SYSCTL}` },
  { id: 'KRN-002', profile: 'cis-l1', plant: `sed -i /suid_dumpable/d ${SYSCTL}` },
  {
    id: 'KRN-003',
    profile: 'cis-l1',
    plant: `echo 'GRUB_CMDLINE_LINUX="quiet apparmor=0"' >>/etc/default/grub`,
    undo: 'rm /etc/default/grub',
  },
  { id: 'KRN-004', profile: 'cis-l1', plant: 'rm /etc/systemd/coredump.conf.d/60-buildimg.conf' },
  { id: 'FS-002', profile: 'cis-l1', plant: 'mkdir -m 777 -p /opt/open && touch /opt/open/x && chmod 666 /opt/open/x' },
  { id: 'FS-006', profile: 'cis-l1', plant: 'chmod 755 /root; echo + >/root/.rhosts' },
  { id: 'FS-007', profile: 'cis-l1', plant: 'mkdir -p /etc/cron.d; chmod 755 /etc/cron.d' },
  { id: 'FS-008', profile: 'cis-l1', plant: `sed -i 's/,noexec//' /etc/fstab` },
  { id: 'FS-009', profile: 'cis-l1', plant: 'sed -i /hfsplus/d /etc/modprobe.d/60-buildimg-fs-009.conf' },
  { id: 'FS-010', profile: 'cis-l1', plant: 'rm /etc/systemd/system/tmp.mount.d/60-buildimg.conf' },
  { id: 'NET-003', profile: 'cis-l1', plant: `sed -i /169.254.169.123/d /etc/chrony/chrony.conf` },
  { id: 'NET-004', profile: 'cis-l1', plant: 'rm /etc/modprobe.d/60-buildimg-net-004.conf' },
  {
    id: 'OS-001',
    profile: 'marketplace',
    plant: `cp --remove-destination /usr/lib/os-release /etc/os-release; sed -i 's/^VERSION_ID=.*/VERSION_ID="11"/' /etc/os-release`,
    undo: 'ln -sf ../usr/lib/os-release /etc/os-release',
  },
  {
    id: 'OS-006',
    profile: 'cis-l1',
    plant: `echo 'deb [arch=amd64 trusted=yes] http://mirror.invalid/ x main' >/etc/apt/sources.list.d/mirror.list`,
    undo: 'rm /etc/apt/sources.list.d/mirror.list',
  },
  { id: 'OS-007', profile: 'cis-l1', plant: 'dpkg -i /srv/telnetd.deb' },
  { id: 'OS-008', profile: 'cis-l1', plant: 'rm /etc/apt/apt.conf.d/60-buildimg-updates' },
  {
    id: 'SVC-001',
    profile: 'cis-l1',
    plant: `printf '[Service]\\nExecStart=/bin/true\\n' >/lib/systemd/system/rpcbind.service`,
  },
  { id: 'LOG-001', profile: 'cis-l1', plant: 'rm /etc/systemd/journald.conf.d/60-buildimg.conf' },
  { id: 'AUD-001', profile: 'cis-l1', plant: 'rm /etc/audit/rules.d/60-buildimg.rules' },
  {
    id: 'AUD-002',
    profile: 'cis-l1',
    plant: `sed -i 's/^disk_full_action.*/disk_full_action = HALT/' /etc/audit/auditd.conf`,
  },
  { id: 'BAN-001', profile: 'cis-l1', plant: `printf 'Debian \\\\n \\\\l\\n' >/etc/issue` },
  sshd('BAN-002', 'Banner none'),
];

const PREPARE = `
for name in telnetd unattended-upgrades; do
  mkdir -p /srv/$name/DEBIAN
  printf 'Package: %s\\nVersion: 1\\nArchitecture: all\\nMaintainer: T <t@example.com>\\nDescription: t\\n' $name >/srv/$name/DEBIAN/control
  dpkg-deb --root-owner-group -b /srv/$name /srv/$name.deb >/dev/null
done
dpkg -i /srv/unattended-upgrades.deb >/dev/null`;

// One line a control: what turned red, and whether applying helps.
function renderMutation({ id, profile, plant, undo }: Mutation): string {
  return `
(${plant}) >/dev/null 2>&1
red=$(BUILDIMG_PROFILE=${profile} bash $P/verify.sh 2>&1 >/dev/null | sed -n 's/^FAIL  \\([^ ]*\\) .*/\\1/p' | sort -u | tr '\\n' ' ')
${
  undo === undefined
    ? `BUILDIMG_PROFILE=${profile} bash $P/apply.sh >/tmp/log 2>&1 && after=green || after="red: $(cat /tmp/log)"`
    : `(${undo}) >/dev/null 2>&1; BUILDIMG_PROFILE=${profile} bash $P/verify.sh >/tmp/log 2>&1 && after=green || after="red: $(cat /tmp/log)"`
}
echo "${id}: $red-> $after"`;
}

describe('controls of harden', () => {
  let machine: TestMachine;

  beforeAll(async () => {
    await (await createMachine()).remove();
  }, ROOTFS_TIMEOUT_MS);

  beforeEach(async () => {
    machine = await createMachine();
  });

  afterEach(() => machine.remove());

  it('each have a mutation below, a page entry, and functions that exist', () => {
    const rows = readFileSync(join(HARDEN, 'controls.txt'), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split('|'));
    const page = readFileSync(join(HARDEN, 'README.md'), 'utf8');

    expect(rows.map(([id]) => id)).toEqual(expect.arrayContaining(MUTATIONS.map(({ id }) => id)));
    expect(MUTATIONS.map(({ id }) => id)).toEqual(rows.map(([id]) => id));
    for (const row of rows) {
      expect(row).toHaveLength(8);
      expect(row[1]).toMatch(/^(critical|high|medium|low|info)$/);
      expect(row[2]).toMatch(/^B?S?M?C?$/);
      expect(page).toContain(row[0]);
    }
  });

  it.each(['baseline', 'shared', 'marketplace', 'cis-l1'])(
    'turns a stock Debian green by profile %s, and changes nothing the second time',
    async (profile) => {
      await machine.run(PREPARE);

      const before = await machine.provision('harden/verify.sh', { PROFILE: profile });
      const first = await machine.provision('harden/apply.sh', { PROFILE: profile });
      const afterFirst = await machine.fingerprint();
      const second = await machine.provision('harden/apply.sh', { PROFILE: profile });
      const afterSecond = await machine.fingerprint();

      expect(before.exitCode).toBe(1);
      expect(first).toMatchObject({ exitCode: 0, stderr: '' });
      expect(second).toMatchObject({ exitCode: 0 });
      expect(second.stdout).toContain('harden: all controls hold');
      expect(afterSecond).toEqual(afterFirst);
    },
  );

  it('each turn exactly their own check red when undone, and green when applied again', async () => {
    const options = 'BUILDIMG_TMP_NOEXEC=true BUILDIMG_AUTOMATIC_UPDATES=security';

    const result = await machine.run(`${PREPARE}
      export P=/tmp/buildimg-upload/provisioners/harden ${options}
      BUILDIMG_PROFILE=cis-l1 bash $P/apply.sh || exit
      ${MUTATIONS.map(renderMutation).join('\n')}`);

    const lines = result.stdout.split('\n').filter((line) => line.includes(' -> '));
    expect(lines).toEqual(MUTATIONS.map(({ id }) => `${id}: ${id} -> green`));
  }, 600_000);

  it.each(['marketplace', 'cis-l1'] as const)(
    'all hold by profile %s when skipped, with their reasons shown',
    async (profile) => {
      const skip = MUTATIONS.map(({ id }) => `${id}=ours = ${id}`).join('\n');
      await machine.run(`${PREPARE}; ${MUTATIONS.map(({ plant }) => `(${plant}) >/dev/null 2>&1`).join('\n')}`);

      const without = await machine.provision('harden/verify.sh', { PROFILE: profile });
      const skipped = await machine.provision('harden/verify.sh', { PROFILE: profile, SKIP: skip });

      expect(without.exitCode).toBe(1);
      expect(skipped).toMatchObject({ exitCode: 0, stderr: '' });
      expect(skipped.stdout).toMatch(/skipped SSH-005 \(.*\): ours = SSH-005/);
      expect(skipped.stdout.split('\n').filter((line) => line.includes('skipped ')).length).toBeGreaterThan(20);
    },
  );

  it('refuses to skip what does not exist, or without a reason', async () => {
    const unknown = await machine.provision('harden/apply.sh', { SKIP: 'SSH-999=because' });
    const silent = await machine.provision('harden/apply.sh', { SKIP: 'SSH-001=' });

    expect(unknown).toMatchObject({ exitCode: 1, stderr: 'buildimg: skip: there is no control SSH-999' });
    expect(silent).toMatchObject({ exitCode: 1, stderr: 'buildimg: skip: SSH-001 has no reason' });
  });

  it('leaves out of its files what is skipped, and what the owner wants otherwise', async () => {
    await machine.provision('harden/apply.sh', {
      SKIP: `SSH-012=the product shows windows\nKRN-002=a debugger needs it`,
      SYSCTL: 'kernel.yama.ptrace_scope=0\nvm.swappiness=10',
    });
    const { stdout } = await machine.run(`cat ${SSHD} ${SYSCTL}`);

    expect(stdout).not.toMatch(/X11Forwarding|suid_dumpable|ptrace_scope = 1/);
    expect(stdout).toContain('kernel.yama.ptrace_scope = 0\nvm.swappiness = 10');
  });

  it('does not touch what breaks EC2, by any profile', async () => {
    await machine.run(PREPARE);
    await machine.provision('harden/apply.sh', { PROFILE: 'cis-l1' });

    const { stdout } = await machine.run(
      `cat ${SYSCTL} /etc/modprobe.d/60-* ${SSHD}; ls /etc/systemd/system/local-fs.target.wants; grep -c . /etc/fstab`,
    );

    expect(stdout).not.toMatch(
      /vfat|squashfs|ip_forward|accept_ra\b|sysrq|AllowUsers|MaxAuthTries 2|tmp\.mount|AuthorizedKeysCommand/,
    );
  });
});
