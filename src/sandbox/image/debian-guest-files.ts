// The files that a Debian base image holds beyond its packages.

const SOURCES = (suite: string): string => `Types: deb
URIs: http://deb.debian.org/debian
Suites: ${suite} ${suite}-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://deb.debian.org/debian-security
Suites: ${suite}-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`;

// Translations, content lists and package diffs are most of what `apt-get update` fetches and parses; gzip is unpacked in a
// third of the time that xz takes.
const APT = `Acquire::Languages "none";
Acquire::CompressionTypes::Order:: "gz";
Acquire::PDiffs "false";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
`;

// The sandbox's network has the mask 240.0.0.0, because slirp forwards only addresses inside its own network and the
// metadata address must be one of them. Routes through the gateway keep the public addresses of that range reachable.
const NETWORK = `[Match]
Type=ether

[Link]
RequiredForOnline=routable

[Network]
DHCP=ipv4
LinkLocalAddressing=no
IPv6AcceptRA=no

[DHCPv4]
UseDNS=yes
UseDomains=yes
UseHostname=no
ClientIdentifier=mac

[Route]
Destination=172.31.0.1/32
Scope=link

[Route]
Destination=160.0.0.0/5
Gateway=172.31.0.1

[Route]
Destination=168.0.0.0/5
Gateway=172.31.0.1
`;

// Every module here is one that needs no data to be useful, or that user data can ask for. Growing the disk comes after
// sshd is up: it costs 2 s of shell. RSA host keys take up to 10 s under emulation; no client of the last decade needs them.
const CLOUD_CONFIG = `datasource_list: [ Ec2 ]
datasource:
  Ec2:
    strict_id: true
    apply_full_imds_network_config: false
network:
  config: disabled
apt:
  preserve_sources_list: true
manage_etc_hosts: true
disable_root: true
ssh_deletekeys: true
ssh_genkeytypes: [ ed25519, ecdsa ]
system_info:
  default_user:
    name: admin
    lock_passwd: true
    gecos: Debian
    groups: [ adm, audio, cdrom, dialout, dip, floppy, plugdev, sudo, video ]
    sudo: [ "ALL=(ALL) NOPASSWD:ALL" ]
    shell: /bin/bash
cloud_init_modules:
  - bootcmd
  - write-files
  - set_hostname
  - update_hostname
  - update_etc_hosts
  - users-groups
  - ssh
cloud_config_modules:
  - growpart
  - resizefs
  - ca-certs
  - set-passwords
  - apt-configure
  - timezone
  - runcmd
cloud_final_modules:
  - package-update-upgrade-install
  - write-files-deferred
  - scripts-vendor
  - scripts-per-once
  - scripts-per-boot
  - scripts-per-instance
  - scripts-user
  - ssh-authkey-fingerprints
  - keys-to-console
  - phone-home
  - final-message
  - power-state-change
`;

// With its generator masked, cloud-init would report "status: not run" for ever. And with its local stage masked nobody
// forgets the last instance: the network stage would believe a copied disk that it is still the machine it came from.
const CLOUD_INIT_BOOT = `d /run/cloud-init 0755
f /run/cloud-init/enabled 0644
r! /var/lib/cloud/instance
`;

/** Path in the guest → content, for a suite such as `bookworm`. */
export function guestFiles(suite: string): Readonly<Record<string, string>> {
  return {
    '/etc/apt/sources.list.d/debian.sources': SOURCES(suite),
    '/etc/apt/apt.conf.d/90sandbox': APT,
    '/etc/systemd/network/10-ethernet.network': NETWORK,
    '/etc/cloud/cloud.cfg.d/90_sandbox.cfg': CLOUD_CONFIG,
    '/usr/lib/tmpfiles.d/cloud-init-boot.conf': CLOUD_INIT_BOOT,
    '/etc/systemd/system/cloud-init.service.d/boot.conf': '[Unit]\nAfter=systemd-tmpfiles-setup.service\n',
    // The second address of the VPC's range, as on EC2; networkd does not write this file itself.
    '/etc/resolv.conf': 'nameserver 172.31.0.2\n',
    '/etc/hosts': '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n',
    '/etc/hostname': 'localhost\n',
    // Empty, not missing: systemd would treat a missing one as the first boot of all and re-apply unit presets.
    '/etc/machine-id': '',
    '/etc/default/grub': GRUB_DEFAULTS,
    // Booting without an initrd saves its unpacking on every boot and six minutes of its making on a kernel upgrade.
    '/etc/initramfs-tools/update-initramfs.conf': 'update_initramfs=no\nbackup_initramfs=no\n',
  };
}

/** What follows the kernel's name and root device on its command line. */
export const KERNEL_ARGUMENTS = 'ro rootwait console=tty0 console=ttyS0,115200 consoleblank=0 quiet';

const GRUB_DEFAULTS = `GRUB_DEFAULT=0
GRUB_TIMEOUT=0
GRUB_DISTRIBUTOR=Debian
GRUB_CMDLINE_LINUX="${KERNEL_ARGUMENTS.replace('ro ', '')}"
GRUB_TERMINAL=serial
GRUB_DISABLE_OS_PROBER=true
`;
