import { append, type PlantedFault, replace, withMode } from './fault.js';

const HASH = '$y$j9T$abcdefghijklmnopqrstu.$0123456789abcdefghijklmnopqrstuvwxyzABCDEFG';
const user = (name: string, uid = 1001, shell = '/bin/bash') =>
  append(`${name}:x:${uid}:${uid}::/home/${name}:${shell}\n`);
const shadowed = (name: string, field: string) => append(`${name}:${field}:20000:0:99999:7:::\n`);

export const accountFaults: readonly PlantedFault[] = [
  {
    name: 'an empty password',
    plant: { '/etc/shadow': shadowed('isv', '') },
    expect: { check: 'ACC-001', path: '/etc/shadow' },
  },
  {
    name: 'an empty password on Amazon Linux',
    on: 'al2023',
    plant: { '/etc/shadow': shadowed('isv', '') },
    expect: { check: 'ACC-001', path: '/etc/shadow' },
  },
  {
    name: 'an empty password in passwd itself',
    plant: { '/etc/passwd': append('old::1002:1002::/home/old:/bin/sh\n') },
    expect: { check: 'ACC-001', path: '/etc/passwd' },
  },
  {
    name: 'a yescrypt hash',
    plant: { '/etc/shadow': shadowed('isv', HASH) },
    expect: { check: 'ACC-002', path: '/etc/shadow' },
  },
  {
    name: 'a SHA-512 hash',
    on: 'rhel-9',
    plant: { '/etc/shadow': shadowed('isv', '$6$salt$hash') },
    expect: { check: 'ACC-002', path: '/etc/shadow' },
  },
  {
    name: 'a DES hash in passwd',
    plant: { '/etc/passwd': append('old:ab1234567890c:1002:1002::/:/bin/sh\n') },
    expect: { check: 'ACC-002', path: '/etc/passwd' },
  },
  {
    name: 'a hash in the backup of shadow',
    plant: { '/etc/shadow-': `root:${HASH}:1::::::\n` },
    expect: { check: 'ACC-002', path: '/etc/shadow-' },
  },
  {
    name: 'a hash in /var/backups',
    plant: { '/var/backups/shadow.bak': `root:${HASH}:1::::::\n` },
    expect: { check: 'ACC-002', path: '/var/backups/shadow.bak' },
  },
  {
    name: 'what passwd -l leaves',
    plant: { '/etc/shadow': shadowed('isv', `!${HASH}`) },
    expect: { check: 'ACC-003', path: '/etc/shadow' },
  },
  {
    name: 'root with a password',
    plant: { '/etc/shadow': replace('root:!*:', `root:${HASH}:`) },
    expect: { check: 'ACC-004', path: '/etc/shadow', line: 1 },
  },
  {
    name: 'root with an empty password',
    on: 'ubuntu-24.04',
    plant: { '/etc/shadow': replace('root:!*:', 'root::') },
    expect: { check: 'ACC-004', path: '/etc/shadow' },
  },
  {
    name: 'a second uid 0',
    plant: { '/etc/passwd': append('toor:x:0:0::/root:/bin/sh\n') },
    expect: { check: 'ACC-005', path: '/etc/passwd' },
  },
  {
    name: 'no default user',
    // The second file is there in our own base image.
    plant: { '/etc/cloud/cloud.cfg': 'ssh_pwauth: false\n', '/etc/cloud/cloud.cfg.d/90_sandbox.cfg': '# none\n' },
    expect: { check: 'ACC-006', path: '/etc/cloud/cloud.cfg' },
  },
  {
    name: 'a default user without a shell',
    plant: { '/etc/passwd': user('admin', 1000, '/usr/sbin/nologin') },
    expect: { check: 'ACC-006', path: '/etc/passwd' },
  },
  {
    name: 'a default user in DenyUsers',
    plant: { '/etc/ssh/sshd_config.d/20-deny.conf': 'DenyUsers bob adm*\n' },
    expect: { check: 'ACC-006', path: '/etc/ssh/sshd_config.d/20-deny.conf' },
  },
  {
    name: 'a user of the builder',
    plant: { '/etc/passwd': user('jenkins') },
    expect: { check: 'ACC-007', path: '/etc/passwd' },
  },
  {
    name: 'a user without a shell field, which means /bin/sh',
    plant: { '/etc/passwd': user('deploy', 1005, '') },
    expect: { check: 'ACC-007', path: '/etc/passwd' },
  },
  {
    name: 'sudo without a password for a builder',
    plant: { '/etc/sudoers.d/builder': { content: 'builder ALL=(ALL) NOPASSWD: ALL\n', mode: 0o440 } },
    expect: { check: 'ACC-008', path: '/etc/sudoers.d/builder', line: 1 },
  },
  {
    name: 'sudo without a password through an alias',
    plant: {
      '/etc/sudoers.d/ops': {
        content: 'User_Alias OPS = carol, \\\n  dave\nOPS ALL = NOPASSWD: /usr/bin/systemctl\n',
        mode: 0o440,
      },
    },
    expect: { check: 'ACC-008', path: '/etc/sudoers.d/ops', line: 3 },
  },
  {
    name: 'sudo that asks nobody',
    on: 'rhel-9',
    plant: { '/etc/sudoers': append('Defaults !authenticate\n') },
    expect: { check: 'ACC-008', path: '/etc/sudoers' },
  },
  {
    name: 'sudo for a group without a password',
    on: 'al2023',
    plant: { '/etc/sudoers': append('%developers ALL=(ALL) NOPASSWD:ALL\n') },
    expect: { check: 'ACC-008', path: '/etc/sudoers' },
  },
  {
    name: 'a sudoers file that everybody writes',
    plant: { '/etc/sudoers.d/app': { content: '# nothing\n', mode: 0o666 } },
    expect: { check: 'ACC-009', path: '/etc/sudoers.d/app' },
  },
  {
    name: 'a sudoers file that sudo ignores',
    plant: { '/etc/sudoers.d/app.conf': { content: 'app ALL=/bin/true\n', mode: 0o440 } },
    expect: { check: 'ACC-009', path: '/etc/sudoers.d/app.conf' },
  },
  {
    name: 'a backup of passwd',
    plant: { '/etc/passwd-': 'root:x:0:0::/root:/bin/bash\n' },
    expect: { check: 'ACC-010', path: '/etc/passwd-' },
  },
  {
    name: 'a shadow that everybody reads',
    plant: { '/etc/shadow': withMode(0o644) },
    expect: { check: 'ACC-011', path: '/etc/shadow' },
  },
  {
    name: 'a passwd that everybody writes',
    on: 'debian-13',
    plant: { '/etc/passwd': withMode(0o666) },
    expect: { check: 'ACC-011', path: '/etc/passwd' },
  },
  {
    name: 'MD5 for new passwords',
    policy: 'cis-l1',
    plant: { '/etc/login.defs': 'UID_MIN 1000\nENCRYPT_METHOD MD5\n' },
    expect: { check: 'ACC-012', path: '/etc/login.defs', line: 2 },
  },
  {
    name: 'one uid for two accounts',
    policy: 'cis-l1',
    plant: { '/etc/passwd': append('twin:x:33:33::/:/usr/sbin/nologin\n') },
    expect: { check: 'ACC-013', path: '/etc/passwd' },
  },
  {
    name: 'a console that logs in by itself',
    plant: {
      '/etc/systemd/system/serial-getty@ttyS0.service.d/autologin.conf':
        '[Service]\nExecStart=\nExecStart=-/sbin/agetty --autologin root %I\n',
    },
    expect: { check: 'ACC-014', line: 3 },
  },
  {
    name: 'the debug shell',
    plant: {
      '/etc/systemd/system/debug-shell.service': '[Service]\nExecStart=/bin/sh\n',
      '/etc/systemd/system/sysinit.target.wants/debug-shell.service': {
        link: '/etc/systemd/system/debug-shell.service',
      },
    },
    expect: { check: 'ACC-014' },
  },
  {
    name: 'the keytab of a domain',
    plant: { '/etc/krb5.keytab': 'keys' },
    expect: { check: 'ACC-015', path: '/etc/krb5.keytab' },
  },
  {
    name: 'a cache of sssd',
    on: 'rhel-9',
    plant: { '/var/lib/sss/db/cache_acme.ldb': 'TDB' },
    expect: { check: 'ACC-015', path: '/var/lib/sss/db/cache_acme.ldb' },
  },
];
