import { enabledUnit } from '../fixtures/common.js';
import { append, type PlantedFault, replace } from './fault.js';

export const cloudFaults: readonly PlantedFault[] = [
  { name: 'no cloud-init', plant: { '/usr/bin/cloud-init': undefined }, expect: { check: 'CLD-001' } },
  {
    name: 'a cloud-init that nothing starts',
    on: 'al2023',
    plant: { '/usr/lib/systemd/system-generators/cloud-init-generator': undefined },
    expect: { check: 'CLD-001' },
  },
  {
    name: 'a script for IMDSv1',
    plant: { '/usr/local/bin/who': '#!/bin/sh\nid=$(curl -s http://169.254.169.254/latest/meta-data/instance-id)\n' },
    expect: { check: 'CLD-002', path: '/usr/local/bin/who', line: 2 },
  },
  {
    name: 'a first-boot script for IMDSv1',
    on: 'al2023',
    plant: {
      '/var/lib/cloud/scripts/per-instance/01.sh':
        '#!/bin/bash\nwget -qO- http://169.254.169.254/latest/meta-data/placement/region\n',
    },
    expect: { check: 'CLD-002', line: 2 },
  },
  {
    name: 'a kernel without ENA',
    plant: { '/usr/lib/modules/6.1.0-26-cloud-amd64/modules.dep': 'kernel/drivers/nvme/host/nvme.ko:\n' },
    expect: { check: 'CLD-003' },
  },
  {
    name: 'a device name in fstab',
    plant: { '/etc/fstab': append('/dev/xvdf /data ext4 defaults 0 2\n') },
    expect: { check: 'CLD-004', path: '/etc/fstab', line: 4 },
  },
  {
    name: 'no serial console',
    policy: 'baseline',
    plant: { '/etc/default/grub': 'GRUB_CMDLINE_LINUX="quiet"\n' },
    expect: { check: 'CLD-005' },
  },
  { name: 'no growpart', policy: 'baseline', plant: { '/usr/bin/growpart': undefined }, expect: { check: 'CLD-006' } },
  {
    name: 'a fixed address in netplan',
    plant: { '/etc/netplan/10-static.yaml': 'network:\n  ethernets:\n    ens5:\n      addresses: [10.0.0.5/24]\n' },
    expect: { check: 'CLD-007', path: '/etc/netplan/10-static.yaml' },
  },
  {
    name: 'a fixed address in NetworkManager',
    on: 'rhel-9',
    plant: { '/etc/NetworkManager/system-connections/eth0.nmconnection': append('address1=10.0.0.5/24,10.0.0.1\n') },
    expect: { check: 'CLD-007' },
  },
  {
    name: 'a fixed address in ifcfg',
    on: 'rhel-9',
    plant: { '/etc/sysconfig/network-scripts/ifcfg-eth0': 'BOOTPROTO=static\nIPADDR=10.0.0.5\n' },
    expect: { check: 'CLD-007' },
  },
  {
    name: 'a fixed address in interfaces',
    plant: { '/etc/network/interfaces': 'iface lo inet loopback\niface ens5 inet static\n  address 10.0.0.5\n' },
    expect: { check: 'CLD-007', path: '/etc/network/interfaces' },
  },
  {
    name: 'a fixed address in networkd',
    on: 'debian-13',
    plant: { '/etc/systemd/network/10-ens5.network': '[Match]\nName=ens5\n[Network]\nAddress=10.0.0.5/24\n' },
    expect: { check: 'CLD-007' },
  },
  {
    name: 'a region',
    plant: { '/opt/app/config.yml': 'bucketRegion: eu-central-1\n' },
    expect: { check: 'CLD-008', path: '/opt/app/config.yml' },
  },
  {
    name: 'no SSM agent',
    fixturesOnlyBecause: 'Debian has no package of it',
    policy: 'cis-l1',
    plant: { '/etc/systemd/system/multi-user.target.wants/amazon-ssm-agent.service': undefined },
    expect: { check: 'CLD-009' },
  },
  {
    name: 'an encrypted volume',
    plant: { '/etc/crypttab': 'data UUID=1 none luks\n' },
    expect: { check: 'CLD-010', path: '/etc/crypttab', line: 1 },
  },
  {
    name: 'the rescue target',
    plant: { '/etc/systemd/system/default.target': { link: '/usr/lib/systemd/system/rescue.target' } },
    expect: { check: 'CLD-011' },
  },
  {
    name: 'no boot loader',
    policy: 'baseline',
    plant: { '/boot/grub/i386-pc/core.img': undefined },
    expect: { check: 'CLD-012' },
  },
  {
    name: 'first-boot credentials that have run',
    plant: {
      ...Object.fromEntries(enabledUnit('buildimg-first-boot.service')),
      '/var/lib/buildimg/first-boot/instance-id': 'i-0',
    },
    expect: { check: 'FB-001', path: '/var/lib/buildimg/first-boot/instance-id' },
  },
  {
    name: 'first-boot credentials that are off',
    plant: {
      '/etc/systemd/system/buildimg-first-boot.service': '[Service]\nExecStart=/usr/lib/buildimg/bin/first-boot\n',
    },
    expect: { check: 'FB-001' },
  },
  {
    name: 'host keys from a cloud-init without its ssh module',
    fixturesOnlyBecause: 'seal leaves a unit of its own that makes them',
    plant: { '/etc/cloud/cloud.cfg': replace('  - ssh\n', '') },
    expect: { check: 'KEY-005' },
  },
];
