import { append, type PlantedFault } from './fault.js';

/** A file that should be gone: name, path, check, and where it matters its content and fixture. */
function leftover(
  name: string,
  path: string,
  check: string,
  more: Partial<PlantedFault> & { content?: string } = {},
): PlantedFault {
  const { content = 'left\n', ...rest } = more;
  return { name, plant: { [path]: content }, expect: { check, path }, ...rest };
}

export const residueFaults: readonly PlantedFault[] = [
  leftover('a bash history', '/root/.bash_history', 'SEAL-001', { content: 'mysql -p\n' }),
  leftover('a zsh history of a user at /srv', '/srv/app/.zsh_history', 'SEAL-001', {
    plant: { '/etc/passwd': append('app:x:900:900::/srv/app:/usr/sbin/nologin\n'), '/srv/app/.zsh_history': 'ls\n' },
  }),
  leftover('a fish history', '/home/admin/.local/share/fish/fish_history', 'SEAL-001'),
  leftover('a psql history', '/root/.psql_history', 'SEAL-001', { on: 'al2023' }),
  leftover('traces of less', '/root/.lesshst', 'SEAL-001'),
  leftover('a log', '/var/log/dpkg.log', 'SEAL-002'),
  leftover('a rotated log, though empty', '/var/log/syslog.1', 'SEAL-002', { content: '' }),
  leftover('a log in a folder', '/var/log/nginx/access.log', 'SEAL-002', { on: 'rhel-9' }),
  leftover('a journal', '/var/log/journal/0123456789abcdef/system.journal', 'SEAL-003'),
  leftover('records of logins', '/var/log/wtmp', 'SEAL-004'),
  leftover('records of logins of Debian 13', '/var/lib/wtmpdb/wtmp.db', 'SEAL-004', { on: 'debian-13' }),
  leftover('an instance of cloud-init', '/var/lib/cloud/instances/i-0123456789abcdef0/boot-finished', 'SEAL-005', {
    expect: { check: 'SEAL-005', path: '/var/lib/cloud/instances/i-0123456789abcdef0' },
  }),
  {
    name: 'the link to the instance',
    plant: { '/var/lib/cloud/instance': { link: '/var/lib/cloud/instances/i-0' } },
    expect: { check: 'SEAL-005', path: '/var/lib/cloud/instance' },
  },
  leftover('a semaphore of cloud-init', '/var/lib/cloud/sem/config_scripts_per_once.once', 'SEAL-005', {
    on: 'ubuntu-24.04',
  }),
  leftover('a log of cloud-init', '/var/log/cloud-init-output.log', 'SEAL-006'),
  leftover('a disabled cloud-init', '/etc/cloud/cloud-init.disabled', 'SEAL-007', { content: '' }),
  leftover('what subiquity wrote', '/etc/cloud/cloud.cfg.d/subiquity-disable-cloudinit-networking.cfg', 'SEAL-007', {
    on: 'ubuntu-24.04',
    content: 'network: {config: disabled}\n',
  }),
  leftover('a datasource list without EC2', '/etc/cloud/cloud.cfg.d/95_dpkg.cfg', 'SEAL-007', {
    content: 'datasource_list: [ NoCloud, None ]\n',
  }),
  leftover('the name of the build instance', '/etc/hostname', 'SEAL-008', { content: 'ip-10-0-1-23\n' }),
  leftover('the address of the build instance', '/etc/hosts', 'SEAL-008', {
    content: '127.0.0.1 localhost\n10.0.1.23 ip-10-0-1-23.eu-west-1.compute.internal\n',
  }),
  leftover('a lease', '/var/lib/dhcp/dhclient.eth0.leases', 'SEAL-009'),
  leftover('a lease of NetworkManager', '/var/lib/NetworkManager/internal-abc-eth0.lease', 'SEAL-009', {
    on: 'rhel-9',
  }),
  leftover('persistent cards', '/etc/udev/rules.d/70-persistent-net.rules', 'SEAL-010'),
  leftover('a card in netplan', '/etc/netplan/50-cloud-init.yaml', 'SEAL-010', {
    content:
      'network:\n  ethernets:\n    ens5:\n      dhcp4: true\n      match:\n        macaddress: 06:aa:bb:cc:dd:ee\n',
    expect: { check: 'SEAL-010', path: '/etc/netplan/50-cloud-init.yaml', line: 6 },
  }),
  leftover('a card in ifcfg', '/etc/sysconfig/network-scripts/ifcfg-eth0', 'SEAL-010', {
    on: 'rhel-9',
    content: 'BOOTPROTO=dhcp\nHWADDR=06:aa:bb:cc:dd:ee\n',
  }),
  leftover('a package in the cache', '/var/cache/apt/archives/nginx_1_amd64.deb', 'SEAL-011'),
  leftover('the cache of dnf', '/var/cache/dnf/amazonlinux-abc/repodata/primary.xml.gz', 'SEAL-011', { on: 'al2023' }),
  leftover('a temporary file', '/var/tmp/build.sh', 'SEAL-012'),
  leftover('a registration of SSM', '/var/lib/amazon/ssm/Vault/Store/RegistrationKey', 'SEAL-013'),
  leftover('an identity of SSM', '/var/lib/amazon/ssm/i-0123456789abcdef0/channels/health', 'SEAL-013', {
    on: 'al2023',
    expect: { check: 'SEAL-013', path: '/var/lib/amazon/ssm/i-0123456789abcdef0' },
  }),
  leftover('state of ECS', '/var/lib/ecs/data/agent.db', 'SEAL-014', { on: 'al2023' }),
  leftover('the cluster of a kubelet', '/etc/kubernetes/kubelet.conf', 'SEAL-014'),
  leftover('an entitlement of Red Hat', '/etc/pki/consumer/cert.pem', 'SEAL-015', { on: 'rhel-9' }),
  leftover('a token of Ubuntu Pro', '/var/lib/ubuntu-advantage/private/machine-token.json', 'SEAL-015', {
    on: 'ubuntu-24.04',
  }),
  leftover('mail of root', '/var/mail/root', 'SEAL-016'),
  leftover('a crontab', '/var/spool/cron/crontabs/root', 'SEAL-016'),
  leftover('a core', '/var/lib/systemd/coredump/core.nginx.0', 'SEAL-016', { on: 'rhel-9' }),
  leftover('a kickstart file', '/root/anaconda-ks.cfg', 'SEAL-017', { on: 'rhel-9' }),
  leftover('a log of the installer', '/var/log/installer/syslog', 'SEAL-017'),
  leftover('a swap file', '/swapfile', 'SEAL-018'),
  {
    name: 'swap in fstab',
    plant: { '/etc/fstab': append('UUID=77 none swap sw 0 0\n') },
    expect: { check: 'SEAL-018', path: '/etc/fstab', line: 4 },
  },
  leftover('a backup of a configuration', '/etc/nginx/nginx.conf.bak', 'SEAL-019'),
  leftover('a script of Packer', '/tmp/packer-shell-1', 'SEAL-020'),
  leftover('a folder of Ansible', '/root/.ansible/tmp/x', 'SEAL-020', {
    expect: { check: 'SEAL-020', path: '/root/.ansible' },
  }),
  leftover('an id of the build', '/etc/app/instance.conf', 'SEAL-022', { content: 'instance = i-0123456789abcdef0\n' }),
  leftover('an update stamp', '/etc/.updated', 'SEAL-023'),
  leftover('a proxy for apt', '/etc/apt/apt.conf.d/01proxy', 'SEAL-024', {
    content: 'Acquire::http::Proxy "http://cache.acme.test:3142";\n',
  }),
  leftover('a proxy for dnf', '/etc/dnf/dnf.conf', 'SEAL-024', {
    on: 'al2023',
    content: '[main]\ngpgcheck=1\nproxy=http://cache.acme.test:3128\n',
  }),
];
