import type { PlantedFault } from './fault.js';
import { append } from './fault.js';

const PUBLIC_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0Xh3yq9m5h7mQm5q0kYb4Yw7oYd3Q0o2n2o8tq7f3N';
const PACKER_KEY = `${PUBLIC_KEY} packer_66f1a2b3-1234-5678-9abc-def012345678\n`;
/** Not a key: the marks of one, and base64 of nothing, so that no scanner of this repository takes fright. */
export const PRIVATE_KEY = [
  '-----BEGIN OPENSSH',
  ' PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAA\n-----END OPENSSH',
  ' PRIVATE KEY-----\n',
].join('');
export const PEM_KEY = [
  '-----BEGIN',
  ' PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ\n-----END',
  ' PRIVATE KEY-----\n',
].join('');

export const keyFaults: readonly PlantedFault[] = [
  {
    name: 'the key of Packer in the home of root',
    plant: { '/root/.ssh/authorized_keys': PACKER_KEY },
    expect: { check: 'KEY-001', path: '/root/.ssh/authorized_keys', line: 1 },
  },
  {
    name: 'a key in /home of no account',
    plant: { '/home/admin/.ssh/authorized_keys': `# mine\n${PUBLIC_KEY} me\n` },
    expect: { check: 'KEY-001', path: '/home/admin/.ssh/authorized_keys', line: 2 },
  },
  {
    name: 'a key in a home outside of /home',
    plant: {
      '/etc/passwd': append('app:x:900:900::/srv/app:/usr/sbin/nologin\n'),
      '/srv/app/.ssh/authorized_keys2': `${PUBLIC_KEY}\n`,
    },
    expect: { check: 'KEY-001', path: '/srv/app/.ssh/authorized_keys2' },
  },
  {
    name: 'a key behind options',
    on: 'al2023',
    plant: {
      '/root/.ssh/authorized_keys': `no-port-forwarding,command="echo Please login as ec2-user" ${PUBLIC_KEY} k\n`,
    },
    expect: { check: 'KEY-001', path: '/root/.ssh/authorized_keys' },
  },
  {
    name: 'a key in a central place',
    plant: {
      '/etc/ssh/sshd_config.d/10-keys.conf': 'AuthorizedKeysFile /etc/ssh/authorized_keys/%u\n',
      '/etc/ssh/authorized_keys/ops': `${PUBLIC_KEY}\n`,
    },
    expect: { check: 'KEY-001', path: '/etc/ssh/authorized_keys/ops' },
  },
  {
    name: 'a home that is a link',
    plant: { '/home': { link: '/data/home' }, '/data/home/bob/.ssh/authorized_keys': `${PUBLIC_KEY}\n` },
    expect: { check: 'KEY-001', path: '/data/home/bob/.ssh/authorized_keys' },
  },
  {
    name: 'a private key',
    plant: { '/root/.ssh/id_ed25519': PRIVATE_KEY },
    expect: { check: 'KEY-002', path: '/root/.ssh/id_ed25519' },
  },
  {
    name: 'a private key under another name',
    on: 'rhel-9',
    plant: { '/home/ec2-user/backup/deploy.txt': PRIVATE_KEY },
    expect: { check: 'KEY-002', path: '/home/ec2-user/backup/deploy.txt' },
  },
  {
    name: 'a PuTTY key',
    plant: { '/root/work.ppk.txt': 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n' },
    expect: { check: 'KEY-002', path: '/root/work.ppk.txt' },
  },
  {
    name: 'a host key',
    plant: { '/etc/ssh/ssh_host_ed25519_key': { content: PRIVATE_KEY, mode: 0o600 } },
    expect: { check: 'KEY-003', path: '/etc/ssh/ssh_host_ed25519_key' },
  },
  {
    name: 'a host certificate',
    plant: { '/etc/ssh/ssh_host_rsa_key-cert.pub': 'ssh-rsa-cert-v01@openssh.com AAAA\n' },
    expect: { check: 'KEY-003', path: '/etc/ssh/ssh_host_rsa_key-cert.pub' },
  },
  {
    name: 'a host key elsewhere',
    plant: { '/etc/ssh/sshd_config.d/10-key.conf': 'HostKey /opt/keys/host\n', '/opt/keys/host': PRIVATE_KEY },
    expect: { check: 'KEY-003', path: '/opt/keys/host' },
  },
  {
    name: 'a host key of dropbear',
    plant: { '/etc/dropbear/dropbear_rsa_host_key': 'binary' },
    expect: { check: 'KEY-003', path: '/etc/dropbear/dropbear_rsa_host_key' },
  },
  {
    name: 'known hosts',
    plant: { '/root/.ssh/known_hosts': 'git.acme.test ssh-ed25519 AAAA\n' },
    expect: { check: 'KEY-004', path: '/root/.ssh/known_hosts' },
  },
  {
    name: 'a command at login',
    plant: { '/home/admin/.ssh/rc': 'curl http://x\n' },
    expect: { check: 'KEY-004', path: '/home/admin/.ssh/rc' },
  },
  {
    name: 'nothing that makes host keys',
    fixturesOnlyBecause: 'seal leaves a unit of its own that makes them',
    plant: { '/usr/bin/cloud-init': undefined },
    expect: { check: 'KEY-005', path: '/etc/ssh' },
  },
  {
    name: 'host keys at a first boot that never comes',
    on: 'debian-13',
    fixturesOnlyBecause: 'seal leaves a unit of its own that makes them',
    plant: { '/etc/cloud/cloud-init.disabled': '' },
    expect: { check: 'KEY-005', path: '/etc/ssh' },
  },
  {
    name: 'a machine-id',
    plant: { '/etc/machine-id': '0123456789abcdef0123456789abcdef\n' },
    expect: { check: 'KEY-006', path: '/etc/machine-id' },
  },
  {
    name: 'no machine-id',
    plant: { '/etc/machine-id': undefined },
    expect: { check: 'KEY-006', path: '/etc/machine-id' },
  },
  {
    name: 'an uninitialized machine-id',
    on: 'rhel-9',
    plant: { '/etc/machine-id': 'uninitialized\n' },
    expect: { check: 'KEY-006', path: '/etc/machine-id' },
  },
  {
    name: 'a machine-id of D-Bus',
    plant: { '/var/lib/dbus/machine-id': '0123456789abcdef0123456789abcdef\n' },
    expect: { check: 'KEY-007', path: '/var/lib/dbus/machine-id' },
  },
  {
    name: 'the snakeoil key',
    plant: { '/etc/ssl/private/ssl-cert-snakeoil.key': PEM_KEY },
    expect: { check: 'KEY-008', path: '/etc/ssl/private/ssl-cert-snakeoil.key' },
  },
  {
    name: 'a key of letsencrypt',
    plant: { '/etc/letsencrypt/archive/acme.test/privkey1.pem': PEM_KEY },
    expect: { check: 'KEY-008', path: '/etc/letsencrypt/archive/acme.test/privkey1.pem' },
  },
  {
    name: 'a Java key store',
    plant: { '/opt/app/conf/server.jks': Buffer.from('feedfeed00000002', 'hex').toString('latin1') },
    expect: { check: 'KEY-008', path: '/opt/app/conf/server.jks' },
  },
  {
    name: 'a random seed',
    plant: { '/var/lib/systemd/random-seed': 'random' },
    expect: { check: 'KEY-009', path: '/var/lib/systemd/random-seed' },
  },
  {
    name: 'an iSCSI name',
    on: 'rhel-9',
    plant: { '/etc/iscsi/initiatorname.iscsi': 'InitiatorName=iqn.1994-05.com.redhat:abc\n' },
    expect: { check: 'KEY-010', path: '/etc/iscsi/initiatorname.iscsi' },
  },
  {
    name: 'a WireGuard tunnel',
    plant: { '/etc/wireguard/wg0.conf': '[Interface]\n' },
    expect: { check: 'KEY-010', path: '/etc/wireguard/wg0.conf' },
  },
];
