import { append, type PlantedFault, replace, setting, withMode } from './fault.js';

const DROP_IN = '/etc/ssh/sshd_config.d/00-buildimg.conf';
const MAIN = '/etc/ssh/sshd_config';
const PUBLIC_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0Xh3yq9m5h7mQm5q0kYb4Yw7oYd3Q0o2n2o8tq7f3N builder@farm\n';

export const sshdFaults: readonly PlantedFault[] = [
  {
    name: 'root logins',
    plant: { [DROP_IN]: replace('PermitRootLogin no', 'PermitRootLogin yes') },
    expect: { check: 'SSH-001', path: DROP_IN, line: 1 },
  },
  {
    name: 'root logins by key, with a key of root',
    plant: {
      [DROP_IN]: replace('PermitRootLogin no', 'permitrootlogin=without-password # old name'),
      '/root/.ssh/authorized_keys': PUBLIC_KEY,
    },
    expect: { check: 'SSH-001', path: DROP_IN },
  },
  {
    name: 'root logins by key under CIS',
    policy: 'cis-l1',
    plant: { [DROP_IN]: replace('PermitRootLogin no\n', '') },
    expect: { check: 'SSH-001', path: MAIN },
  },
  {
    name: 'passwords by default',
    plant: { [DROP_IN]: replace('PasswordAuthentication no\n', '') },
    expect: { check: 'SSH-002', path: MAIN },
  },
  {
    name: 'passwords in an earlier file',
    plant: { '/etc/ssh/sshd_config.d/00-a.conf': 'PasswordAuthentication "yes"\n' },
    expect: { check: 'SSH-002', path: '/etc/ssh/sshd_config.d/00-a.conf' },
  },
  {
    name: 'passwords on Amazon Linux',
    on: 'al2023',
    plant: { [DROP_IN]: replace('PasswordAuthentication no', 'PASSWORDAUTHENTICATION YES') },
    expect: { check: 'SSH-002', path: DROP_IN },
  },
  {
    name: 'passwords by an option on the command line',
    plant: { '/etc/default/ssh': 'SSHD_OPTS="-o PasswordAuthentication=yes -o PermitRootLogin=yes"\n' },
    expect: { check: 'SSH-002', path: '/etc/default/ssh', line: 1 },
  },
  {
    name: 'root logins by an option on the command line of Enterprise Linux',
    on: 'rhel-9',
    plant: { '/etc/sysconfig/sshd': '# ours\nOPTIONS="-o PermitRootLogin=yes -oPasswordAuthentication=yes"\n' },
    expect: { check: 'SSH-001', path: '/etc/sysconfig/sshd', line: 2 },
  },
  {
    name: 'a unit that has sshd read another file',
    plant: {
      '/etc/systemd/system/ssh.service.d/override.conf':
        '[Service]\nExecStart=\nExecStart=/usr/sbin/sshd -D \\\n  -f /etc/ssh/sshd_other\n',
      '/etc/ssh/sshd_other': 'PermitRootLogin yes\n',
    },
    expect: { check: 'SSH-001', path: '/etc/ssh/sshd_other', line: 1 },
  },
  {
    name: 'a unit that gives sshd options by its environment',
    plant: {
      '/etc/systemd/system/ssh.service.d/options.conf':
        '[Service]\nEnvironmentFile=\nEnvironment="SSHD_OPTS=-o PermitEmptyPasswords=yes"\n',
    },
    expect: { check: 'SSH-004', path: '/etc/systemd/system/ssh.service.d/options.conf', line: 3 },
  },
  {
    name: 'an option that keeps the default user out',
    plant: { '/etc/default/ssh': 'SSHD_OPTS=-oDenyUsers=admin\n' },
    expect: { check: 'ACC-006', path: '/etc/default/ssh', line: 1 },
  },
  {
    name: 'passwords at the keyboard',
    plant: { [DROP_IN]: replace('KbdInteractiveAuthentication no', 'ChallengeResponseAuthentication yes') },
    expect: { check: 'SSH-003', path: DROP_IN },
  },
  {
    name: 'empty passwords',
    plant: { [DROP_IN]: replace('PermitEmptyPasswords no', 'PermitEmptyPasswords yes') },
    expect: { check: 'SSH-004', path: DROP_IN },
  },
  {
    name: 'a Match block that takes passwords',
    plant: { [MAIN]: append('Match User alice\n  PasswordAuthentication yes\n') },
    expect: { check: 'SSH-005', path: MAIN },
  },
  {
    name: 'a Match block for root in a drop-in',
    plant: { '/etc/ssh/sshd_config.d/90-backup.conf': 'Match Address 10.0.0.0/8\n  PermitRootLogin yes\n' },
    expect: { check: 'SSH-005', path: '/etc/ssh/sshd_config.d/90-backup.conf', line: 2 },
  },
  {
    name: 'hardening that comes too late',
    plant: {
      [DROP_IN]: undefined,
      '/etc/ssh/sshd_config.d/50-cloud-init.conf': 'PasswordAuthentication yes\n',
      '/etc/ssh/sshd_config.d/99-hardening.conf': 'PasswordAuthentication no\n',
    },
    expect: { check: 'SSH-006', path: '/etc/ssh/sshd_config.d/99-hardening.conf' },
  },
  {
    name: 'cloud-init that turns passwords on',
    plant: { '/etc/cloud/cloud.cfg.d/99-pw.cfg': 'ssh_pwauth: yes\n' },
    expect: { check: 'SSH-007', path: '/etc/cloud/cloud.cfg.d/99-pw.cfg' },
  },
  {
    name: 'cloud-init that sets a password',
    plant: { '/etc/cloud/cloud.cfg.d/99-pw.cfg': 'password: hunter22\nchpasswd: {expire: false}\n' },
    expect: { check: 'SSH-007', path: '/etc/cloud/cloud.cfg.d/99-pw.cfg' },
  },
  {
    name: 'cloud-init with a hash for its user',
    on: 'rhel-9',
    plant: { '/etc/cloud/cloud.cfg.d/50-user.cfg': 'users:\n  - name: ops\n    passwd: $6$salt$hash\n' },
    expect: { check: 'SSH-007', path: '/etc/cloud/cloud.cfg.d/50-user.cfg' },
  },
  {
    name: 'what cloud-init wrote in the build',
    on: 'ubuntu-24.04',
    plant: { '/etc/ssh/sshd_config.d/50-cloud-init.conf': 'PasswordAuthentication yes\n' },
    expect: { check: 'SSH-007', path: '/etc/ssh/sshd_config.d/50-cloud-init.conf', line: 1 },
  },
  { name: 'name lookups', plant: { [DROP_IN]: setting('UseDNS', 'yes') }, expect: { check: 'SSH-008', path: DROP_IN } },
  {
    name: 'no public keys',
    plant: { [DROP_IN]: setting('PubkeyAuthentication', 'no') },
    expect: { check: 'SSH-009', path: DROP_IN },
  },
  {
    name: 'AllowUsers without the default user',
    plant: { [DROP_IN]: append('AllowUsers ops\n') },
    expect: { check: 'SSH-009', path: DROP_IN },
  },
  {
    name: 'a host key that nothing makes',
    plant: { [DROP_IN]: append('HostKey /etc/pki/sshd/key\n') },
    expect: { check: 'SSH-010', path: DROP_IN },
  },
  {
    name: 'environment of users',
    policy: 'cis-l1',
    plant: { [DROP_IN]: setting('PermitUserEnvironment', 'yes') },
    expect: { check: 'SSH-011', path: DROP_IN },
  },
  {
    name: 'forwarded X11',
    policy: 'cis-l1',
    plant: { [DROP_IN]: replace('X11Forwarding no\n', '') },
    expect: { check: 'SSH-012', path: MAIN },
  },
  {
    name: 'ten attempts',
    policy: 'cis-l1',
    plant: { [DROP_IN]: replace('MaxAuthTries 4', 'MaxAuthTries 10') },
    expect: { check: 'SSH-013', path: DROP_IN },
  },
  {
    name: 'many sessions',
    policy: 'cis-l1',
    plant: { [DROP_IN]: setting('MaxSessions', '20') },
    expect: { check: 'SSH-021', path: DROP_IN },
  },
  {
    name: 'forwarded agents',
    policy: 'cis-l1',
    fixturesOnlyBecause: 'harden leaves agents alone',
    plant: { [DROP_IN]: setting('AllowAgentForwarding', 'yes') },
    expect: { check: 'SSH-022', path: DROP_IN },
  },
  {
    name: 'CBC ciphers',
    policy: 'cis-l1',
    plant: { [DROP_IN]: replace('Ciphers ', 'Ciphers aes256-cbc,') },
    expect: { check: 'SSH-014', path: DROP_IN },
  },
  {
    name: 'forwarded ports',
    policy: 'cis-l1',
    plant: { [DROP_IN]: setting('AllowTcpForwarding', 'yes') },
    expect: { check: 'SSH-015', path: DROP_IN },
  },
  {
    name: 'a lost EC2 Instance Connect',
    on: 'al2023',
    plant: { [MAIN]: replace('AuthorizedKeysCommand /opt', '#AuthorizedKeysCommand /opt') },
    expect: { check: 'SSH-016', path: MAIN },
  },
  {
    name: 'a lost EC2 Instance Connect on Ubuntu',
    on: 'ubuntu-24.04',
    plant: { '/usr/lib/systemd/system/ssh.service.d/ec2-instance-connect.conf': undefined },
    expect: { check: 'SSH-016', path: MAIN },
  },
  {
    name: 'a certificate authority of the publisher',
    plant: { [DROP_IN]: append('TrustedUserCAKeys /etc/ssh/ca.pub\n') },
    expect: { check: 'SSH-017', path: DROP_IN },
  },
  {
    name: 'a key command of the publisher',
    plant: { [DROP_IN]: append('AuthorizedKeysCommand /opt/acme/keys %u\n') },
    expect: { check: 'SSH-017', path: DROP_IN },
  },
  {
    name: 'a configuration that a group writes',
    plant: { [MAIN]: withMode(0o664) },
    expect: { check: 'SSH-018', path: MAIN },
  },
  {
    name: 'small groups',
    policy: 'cis-l1',
    plant: { '/etc/ssh/moduli': append('20230101000000 2 6 100 2047 2 F2\n') },
    expect: { check: 'SSH-019', path: '/etc/ssh/moduli', line: 3 },
  },
  { name: 'another port', plant: { [DROP_IN]: append('Port 2222\n') }, expect: { check: 'SSH-020', path: DROP_IN } },
  {
    name: 'a firewall that lets nobody in',
    on: 'ubuntu-24.04',
    plant: { '/etc/ufw/ufw.conf': 'ENABLED=yes\n', '/etc/ufw/user.rules': '*filter\n' },
    expect: { check: 'SSH-020', path: '/etc/ufw/ufw.conf' },
  },
];
