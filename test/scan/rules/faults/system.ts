import { enabledUnit } from '../fixtures/common.js';
import { append, type PlantedFault, replace, withMode } from './fault.js';

/** cap_net_raw, permitted and effective: version 2 of vfs_cap_data. */
const CAPABILITY = Buffer.from('0100000200200000000000000000000000000000', 'hex');
const OLD = Date.parse('2026-08-01T00:00:00Z') / 1000;

export const systemFaults: readonly PlantedFault[] = [
  {
    name: 'Amazon Linux 2',
    on: 'al2023',
    plant: { '/usr/lib/os-release': 'ID="amzn"\nVERSION_ID="2"\nPRETTY_NAME="Amazon Linux 2"\n' },
    expect: { check: 'OS-001', path: '/etc/os-release' },
  },
  {
    name: 'Debian 11',
    plant: { '/usr/lib/os-release': 'ID=debian\nVERSION_ID="11"\n' },
    expect: { check: 'OS-001', path: '/etc/os-release' },
  },
  {
    name: 'CentOS 7',
    on: 'rhel-9',
    plant: { '/usr/lib/os-release': 'ID="centos"\nVERSION_ID="7"\n' },
    expect: { check: 'OS-001', path: '/etc/os-release' },
  },
  {
    name: 'old packages',
    plant: { '/var/lib/dpkg/status': (before) => ({ ...before, modifiedAt: OLD }) },
    expect: { check: 'OS-003', path: '/var/lib/dpkg/status' },
  },
  {
    name: 'a restart that is due',
    policy: 'baseline',
    plant: { '/run/reboot-required': 'x\n' },
    expect: { check: 'OS-004', path: '/run/reboot-required' },
  },
  {
    name: 'two kernels',
    on: 'rhel-9',
    plant: { '/boot/vmlinuz-5.14.0-1.el9.x86_64': 'k' },
    expect: { check: 'OS-004' },
  },
  {
    name: 'a changed program',
    plant: { '/var/lib/dpkg/info/passwd.md5sums': '00000000000000000000000000000000  bin/passwd\n' },
    expect: { check: 'OS-005', path: '/usr/bin/passwd' },
  },
  {
    name: 'a changed program of rpm',
    on: 'al2023',
    plant: { '/usr/sbin/sshd': { content: 'ELF with a back door', mode: 0o755 } },
    expect: { check: 'OS-005', path: '/usr/sbin/sshd' },
  },
  {
    name: 'an unsigned repository of yum',
    on: 'al2023',
    plant: { '/etc/yum.repos.d/acme.repo': '[acme]\nbaseurl=https://repo.acme.test\ngpgcheck=0\n' },
    expect: { check: 'OS-006', path: '/etc/yum.repos.d/acme.repo', line: 3 },
  },
  {
    name: 'a trusted repository of apt',
    plant: { '/etc/apt/sources.list': append('deb [trusted=yes] http://apt.acme.test ./\n') },
    expect: { check: 'OS-006', path: '/etc/apt/sources.list', line: 2 },
  },
  {
    name: 'a trusted repository in deb822',
    on: 'debian-13',
    plant: { '/etc/apt/sources.list.d/acme.sources': 'Types: deb\nURIs: http://apt.acme.test\nTrusted: yes\n' },
    expect: { check: 'OS-006', line: 3 },
  },
  {
    name: 'telnetd',
    policy: 'cis-l1',
    plant: { '/usr/sbin/in.telnetd': 'ELF' },
    expect: { check: 'OS-007', path: '/usr/sbin/in.telnetd' },
  },
  {
    name: 'no automatic updates',
    policy: 'cis-l1',
    plant: { '/etc/systemd/system/unattended-upgrades.service': { link: '/dev/null' } },
    expect: { check: 'OS-008' },
  },
  {
    name: 'a compiler',
    policy: 'cis-l1',
    plant: { '/usr/bin/gcc': 'ELF' },
    expect: { check: 'OS-012', path: '/usr/bin/gcc' },
  },
  {
    name: 'a setuid shell',
    plant: { '/opt/app/rootsh': { content: 'ELF', mode: 0o4755 } },
    expect: { check: 'FS-001', path: '/opt/app/rootsh' },
  },
  {
    name: 'a setuid program on Amazon Linux',
    on: 'al2023',
    plant: { '/usr/local/bin/helper': { content: 'ELF', mode: 0o6755 } },
    expect: { check: 'FS-001', path: '/usr/local/bin/helper' },
  },
  {
    name: 'bash with setuid, though a package owns it',
    plant: {
      '/var/lib/dpkg/info/sudo.list': append('/usr/bin/bash\n'),
      '/usr/bin/bash': { content: 'ELF', mode: 0o4755 },
    },
    expect: { check: 'FS-001', path: '/usr/bin/bash' },
  },
  {
    name: 'a configuration that everybody writes',
    plant: { '/etc/app.conf': { content: 'x=1\n', mode: 0o666 } },
    expect: { check: 'FS-002', path: '/etc/app.conf' },
  },
  {
    name: 'an open folder',
    on: 'rhel-9',
    plant: { '/opt/shared': { directory: true, mode: 0o777 } },
    expect: { check: 'FS-002', path: '/opt/shared' },
  },
  {
    name: 'a file of nobody',
    policy: 'cis-l1',
    plant: { '/srv/data': { content: 'x', uid: 4711 } },
    expect: { check: 'FS-003', path: '/srv/data' },
  },
  {
    name: 'a unit that everybody writes',
    plant: { '/etc/systemd/system/app.service': { content: '[Service]\nExecStart=/bin/true\n', mode: 0o666 } },
    expect: { check: 'FS-004', path: '/etc/systemd/system/app.service' },
  },
  {
    name: 'a program of a unit that a user owns',
    plant: {
      '/etc/systemd/system/app.service': '[Service]\nExecStart=/opt/app/run\n',
      '/opt/app/run': { content: '#!/bin/sh\n', mode: 0o755, uid: 1000 },
    },
    expect: { check: 'FS-004', path: '/opt/app/run' },
  },
  {
    name: 'a job of root in a folder of a user',
    plant: {
      '/etc/cron.d/app': { content: '* * * * * root /srv/jobs/clean\n', mode: 0o600 },
      '/srv/jobs': { directory: true, uid: 33 },
      '/srv/jobs/clean': '#!/bin/sh\n',
    },
    expect: { check: 'FS-004', path: '/srv/jobs' },
  },
  {
    name: 'a program of sudo that everybody writes',
    on: 'rhel-9',
    plant: {
      '/etc/sudoers.d/app': { content: 'ec2-user ALL=(root) NOPASSWD: /opt/tool\n', mode: 0o440 },
      '/opt/tool': { content: '#!/bin/sh\n', mode: 0o777 },
    },
    expect: { check: 'FS-004', path: '/opt/tool' },
  },
  {
    name: 'a capability',
    policy: 'cis-l1',
    plant: {
      '/opt/app/server': { content: 'ELF', attributes: new Map([['security.capability', CAPABILITY]]) },
    },
    expect: { check: 'FS-005', path: '/opt/app/server' },
  },
  {
    name: 'trusted hosts',
    policy: 'cis-l1',
    plant: { '/etc/hosts.equiv': '+\n' },
    expect: { check: 'FS-006', path: '/etc/hosts.equiv' },
  },
  {
    name: 'an open home',
    policy: 'cis-l1',
    plant: { '/root': { directory: true, mode: 0o755 } },
    expect: { check: 'FS-006', path: '/root' },
  },
  {
    name: 'an open crontab',
    policy: 'cis-l1',
    plant: { '/etc/crontab': withMode(0o644) },
    expect: { check: 'FS-007', path: '/etc/crontab' },
  },
  {
    name: '/tmp on the root file system',
    policy: 'cis-l1',
    fixturesOnlyBecause: 'Debian 12 has no line for it and Debian 13 a unit',
    plant: { '/etc/fstab': replace('tmpfs /tmp', '#tmpfs /tmp') },
    expect: { check: 'FS-011', path: '/etc/fstab' },
  },
  {
    name: 'a /tmp with setuid programs',
    policy: 'cis-l1',
    plant: { '/etc/fstab': 'UUID=8f2b0c1e-1 / ext4 defaults 0 1\ntmpfs /tmp tmpfs defaults 0 0\n' },
    expect: { check: 'FS-011', path: '/etc/fstab', line: 2 },
  },
  {
    name: 'programs in /dev/shm',
    policy: 'cis-l1',
    plant: { '/etc/fstab': replace(',noexec', '') },
    expect: { check: 'FS-008', path: '/etc/fstab' },
  },
  {
    name: 'modules that can be loaded',
    policy: 'cis-l1',
    plant: { '/etc/modprobe.d/60-buildimg-fs-009.conf': replace('install udf /bin/false', '') },
    expect: { check: 'FS-009', path: '/etc/modprobe.d' },
  },
  {
    name: 'a protocol that can be loaded',
    policy: 'cis-l1',
    plant: { '/etc/modprobe.d/60-buildimg-net-004.conf': replace('install sctp /bin/false', '') },
    expect: { check: 'NET-004', path: '/etc/modprobe.d' },
  },
  {
    name: 'no vfat',
    policy: 'cis-l1',
    plant: { '/etc/modprobe.d/60-buildimg-fs-009.conf': append('install vfat /bin/false\n') },
    expect: { check: 'FS-009', path: '/etc/modprobe.d/60-buildimg-fs-009.conf' },
  },
  {
    name: 'redirects',
    policy: 'cis-l1',
    plant: { '/etc/sysctl.d/99-app.conf': 'net/ipv4/conf/all/accept_redirects = 1\n' },
    expect: { check: 'KRN-001', path: '/etc/sysctl.d/99-app.conf', line: 1 },
  },
  {
    name: 'core files',
    policy: 'cis-l1',
    plant: { '/etc/security/limits.d/60-buildimg-core.conf': undefined },
    expect: { check: 'KRN-004', path: '/etc/security/limits.conf' },
  },
  {
    name: 'core files of services',
    policy: 'cis-l1',
    plant: {
      '/usr/lib/systemd/systemd-coredump': { content: 'ELF', mode: 0o755 },
      '/etc/systemd/coredump.conf.d/60-buildimg.conf': '[Coredump]\n',
    },
    expect: { check: 'KRN-004', path: '/etc/systemd/coredump.conf' },
  },
  {
    name: 'core files of setuid programs',
    policy: 'cis-l1',
    plant: { '/etc/sysctl.d/99-cores.conf': 'fs.suid_dumpable = 2\n' },
    expect: { check: 'KRN-002', path: '/etc/sysctl.d/99-cores.conf', line: 1 },
  },
  {
    name: 'no SELinux',
    on: 'rhel-9',
    policy: 'cis-l1',
    plant: { '/etc/selinux/config': 'SELINUX=disabled\n' },
    expect: { check: 'KRN-003', path: '/etc/selinux/config' },
  },
  {
    name: 'no AppArmor on the command line',
    on: 'ubuntu-24.04',
    policy: 'cis-l1',
    plant: { '/etc/default/grub': append('GRUB_CMDLINE_LINUX_DEFAULT="apparmor=0"\n') },
    expect: { check: 'KRN-003', path: '/etc/default/grub', line: 2 },
  },
  {
    name: 'no audit',
    policy: 'cis-l1',
    plant: { '/etc/systemd/system/multi-user.target.wants/auditd.service': undefined },
    expect: { check: 'AUD-001', path: '/etc/systemd/system' },
  },
  {
    name: 'an audit without rules',
    policy: 'cis-l1',
    plant: { '/etc/audit/rules.d/60-buildimg.rules': '## none\n' },
    expect: { check: 'AUD-001', path: '/etc/audit/rules.d' },
  },
  {
    name: 'a log that nobody keeps',
    policy: 'cis-l1',
    fixturesOnlyBecause: 'there harden keeps the journal as well',
    plant: {
      '/etc/systemd/system/multi-user.target.wants/rsyslog.service': undefined,
      '/var/log/journal': undefined,
    },
    expect: { check: 'LOG-001' },
  },
  { name: 'a printer service', plant: Object.fromEntries(enabledUnit('cups.service')), expect: { check: 'NET-001' } },
  {
    name: 'no firewall',
    policy: 'cis-l1',
    fixturesOnlyBecause: 'Debian enables none',
    plant: { '/etc/systemd/system/multi-user.target.wants/nftables.service': undefined },
    expect: { check: 'NET-002' },
  },
  {
    name: 'another clock',
    policy: 'cis-l1',
    plant: { '/etc/chrony/chrony.conf': 'pool pool.ntp.org iburst\n' },
    expect: { check: 'NET-003' },
  },
];
