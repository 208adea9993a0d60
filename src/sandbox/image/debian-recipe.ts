// What a Debian base image is made of: suite, packages, files, masked units. Pure data; its digest is the cache key.
// Like Debian's official AMI where that can be seen from inside (user admin, Ec2 datasource, networkd, no password),
// and trimmed where it only costs boot time, which under software emulation is most of a test's time.

import { guestFiles } from './debian-guest-files.js';

export type DebianOs = 'debian-12' | 'debian-13';

export interface DebianRecipe {
  readonly os: DebianOs;
  readonly suite: string;
  readonly packages: readonly string[];
  /** Path in the guest → content. */
  readonly files: Readonly<Record<string, string>>;
  readonly maskedUnits: readonly string[];
  readonly maskedGenerators: readonly string[];
  readonly virtualSizeGib: number;
}

const SUITES = { 'debian-12': 'bookworm', 'debian-13': 'trixie' } as const;

// systemd-sysv…libpam-systemd: an init with logind, which answers the ACPI power button. fdisk, cloud-guest-utils: growpart.
// grub-pc-bin, not grub-pc: its postinst asks for a device. curl and ca-certificates: every other build fetches a key.
const PACKAGES = [
  'systemd-sysv udev dbus libpam-systemd openssh-server sudo procps kmod iproute2 less vim-tiny',
  'cloud-init cloud-guest-utils fdisk qemu-guest-agent ca-certificates curl gpg',
  'linux-image-cloud-amd64 grub2-common grub-pc-bin',
].flatMap((line) => line.split(' '));

// Timers that would run apt in the middle of a build, and units that wait for devices a virtual machine has not.
const MASKED_UNITS = [
  'apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer',
  'getty@tty1.service systemd-pstore.service dev-hugepages.mount sys-kernel-debug.mount sys-kernel-tracing.mount',
  'proc-sys-fs-binfmt_misc.automount',
].flatMap((line) => line.split(' '));

// Debian 12 runs a Python for every stage of cloud-init; its network stage finds the Ec2 datasource as well as the local
// one does, without a DHCP client of its own. From cloud-init 24.3 on all stages are one process that waits for each.
const MASKED_CLOUD_INIT_UNITS = {
  'debian-12': ['cloud-init-local.service', 'cloud-init-hotplugd.socket'],
  'debian-13': ['cloud-init-hotplugd.socket'],
} as const;

/** The recipe for one Debian release. */
export function createDebianRecipe(os: DebianOs): DebianRecipe {
  const suite = SUITES[os];
  return {
    os,
    suite,
    packages: PACKAGES,
    files: guestFiles(suite),
    maskedUnits: [...MASKED_UNITS, ...MASKED_CLOUD_INIT_UNITS[os]],
    // cloud-init's generator only decides whether a datasource may exist, in 1-2 s of shell under emulation.
    maskedGenerators: ['cloud-init-generator', 'systemd-gpt-auto-generator'],
    virtualSizeGib: 8,
  };
}
