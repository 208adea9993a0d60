// For every control of harden what undoes it, so that its check turns red. Also what the scanner is held against.
/** Where harden writes its settings of sshd. */
export const SSHD = '/etc/ssh/sshd_config.d/00-buildimg.conf';
/** Where harden writes its kernel settings. */
export const SYSCTL = '/etc/sysctl.d/60-buildimg.conf';

export interface Mutation {
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

/** In the order of controls.txt. */
export const MUTATIONS: readonly Mutation[] = [
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
  {
    id: 'ACC-014',
    profile: 'cis-l1',
    plant: `rm /etc/systemd/system/debug-shell.service; mkdir -p /etc/systemd/system/sysinit.target.wants
      ln -s /lib/systemd/system/debug-shell.service /etc/systemd/system/sysinit.target.wants/`,
  },
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
  sshd('SSH-015', 'AllowTcpForwarding yes'),
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
  { id: 'SSH-018', profile: 'cis-l1', plant: 'chmod 664 /etc/ssh/sshd_config' },
  { id: 'SSH-019', profile: 'cis-l1', plant: 'echo "20230101000000 2 6 100 2047 5 ABCDEF" >>/etc/ssh/moduli' },
  sshd('SSH-021', 'MaxSessions 20'),
  { id: 'KRN-001', profile: 'cis-l1', plant: `sed -i 's/^kernel.kptr_restrict.*/kernel.kptr_restrict=0/' ${SYSCTL}` },
  { id: 'KRN-002', profile: 'cis-l1', plant: `sed -i 's/^fs.suid_dumpable.*/fs.suid_dumpable = 2/' ${SYSCTL}` },
  {
    id: 'KRN-003',
    profile: 'cis-l1',
    plant: `echo 'GRUB_CMDLINE_LINUX="quiet apparmor=0"' >>/etc/default/grub`,
    undo: 'rm /etc/default/grub',
  },
  {
    id: 'KRN-004',
    profile: 'cis-l1',
    plant: 'rm /etc/systemd/coredump.conf.d/60-buildimg.conf /etc/security/limits.d/60-buildimg-core.conf',
  },
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
  { id: 'OS-008', profile: 'cis-l1', plant: 'sed -i /Unattended-Upgrade/d /etc/apt/apt.conf.d/*' },
  {
    id: 'SVC-001',
    profile: 'cis-l1',
    plant: `printf '[Service]\\nExecStart=/bin/true\\n' >/lib/systemd/system/rpcbind.service`,
  },
  {
    id: 'LOG-001',
    profile: 'cis-l1',
    // rsyslog and the folder of the journal each keep a log as well.
    plant: `rm /etc/systemd/journald.conf.d/60-buildimg.conf; rm -rf /var/log/journal
      ln -sf /dev/null /etc/systemd/system/rsyslog.service`,
  },
  { id: 'AUD-001', profile: 'cis-l1', plant: 'rm /etc/audit/rules.d/60-buildimg.rules' },
  {
    id: 'AUD-002',
    profile: 'cis-l1',
    plant: `sed -i 's/^disk_full_action.*/disk_full_action = HALT/' /etc/audit/auditd.conf`,
  },
  { id: 'BAN-001', profile: 'cis-l1', plant: `printf 'Debian \\\\n \\\\l\\n' >/etc/issue` },
  sshd('BAN-002', 'Banner none'),
];

/** With these every control has something to say. */
export const MUTATION_OPTIONS = {
  PROFILE: 'cis-l1',
  ALLOW_TCP_FORWARDING: 'false',
  TMP_NOEXEC: 'true',
  AUTOMATIC_UPDATES: 'security',
} as const;

/** Makes packages that controls ask for or against, without a mirror: /srv/NAME.deb for each. */
export function makePackages(...names: readonly string[]): string {
  return `
for name in ${names.join(' ')}; do
  mkdir -p /srv/$name/DEBIAN
  printf 'Package: %s\\nVersion: 1\\nArchitecture: all\\nMaintainer: T <t@example.com>\\nDescription: t\\n' $name >/srv/$name/DEBIAN/control
  dpkg-deb --root-owner-group -b /srv/$name /srv/$name.deb >/dev/null
done
`;
}

/** What the stock Debian of these tests lacks. */
export const PREPARE = `${makePackages('telnetd', 'unattended-upgrades')}
dpkg -i /srv/unattended-upgrades.deb >/dev/null`;
