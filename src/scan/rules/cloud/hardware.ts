import { parseFstab } from '../../parse/fstab.js';
import { parseSpaced } from '../../parse/key-values.js';
import { findLine } from '../../parse/lines.js';
import type { RuleContext } from '../context.js';
import { expandGlob } from '../glob.js';
import { type Fault, forMarketplace, inEveryPolicy, type RuleGroup } from '../rule.js';

/** What an instance needs from the image to come up on EC2's hardware. */
export const hardwareRules: RuleGroup = {
  checks: [
    {
      id: 'CLD-003',
      title: 'The kernel has drivers for ENA and NVMe',
      why: 'Without them a Nitro instance has neither network nor disk. Imported images fail here.',
      source: 'EC2 Nitro requirements',
      remedy: 'Install a cloud kernel (linux-image-cloud-amd64, linux-aws), and build the initramfs with nvme.',
      policies: inEveryPolicy,
      severity: 'high',
    },
    {
      id: 'CLD-004',
      title: 'File systems are mounted by UUID or label',
      why: 'Device names differ between instance types: /dev/xvda is /dev/nvme0n1 on Nitro.',
      source: 'EC2 Nitro requirements',
      remedy: 'Write UUID= or LABEL= into /etc/fstab (blkid shows them).',
      policies: inEveryPolicy,
      severity: 'high',
    },
    {
      id: 'CLD-005',
      title: 'The kernel writes to the serial console',
      why: 'Get system log and the EC2 serial console show nothing otherwise.',
      source: 'EC2 user guide',
      remedy: 'console=ttyS0 in GRUB_CMDLINE_LINUX, then update-grub.',
      policies: inEveryPolicy,
      severity: 'low',
    },
    {
      id: 'CLD-006',
      title: 'The root file system grows to the size of the volume',
      why: 'Customers choose larger volumes, and get the room only if something grows into it.',
      source: 'EC2 user guide',
      remedy: 'Install cloud-guest-utils (Debian, Ubuntu) or cloud-utils-growpart.',
      policies: inEveryPolicy,
      severity: 'low',
    },
    {
      id: 'CLD-010',
      title: 'No encryption inside the image',
      why: 'Nobody is at the console to type the passphrase; AWS Marketplace refuses encrypted file systems.',
      source: 'AWS Marketplace AMI policy',
      remedy: 'Use EBS encryption; remove the crypttab line.',
      policies: forMarketplace,
      severity: 'high',
    },
    {
      id: 'CLD-012',
      title: 'There is a boot loader',
      why: 'An image that was put together by hand may lack one for the boot mode of its AMI.',
      source: 'EC2 boot modes',
      remedy: 'grub-install for BIOS, and an EFI system partition with EFI/BOOT/BOOTX64.EFI or BOOTAA64.EFI.',
      policies: inEveryPolicy,
      severity: 'high',
    },
  ],
  evaluate: findHardwareFaults,
};

async function* findHardwareFaults(context: RuleContext): AsyncIterable<Fault> {
  yield* await listDriverFaults(context);
  for (const { device, mountPoint, line } of parseFstab((await context.readText('/etc/fstab')) ?? '')) {
    if (/^\/dev\/(?:xvd|sd|hd|vd|nvme)/.test(device)) {
      yield { check: 'CLD-004', path: '/etc/fstab', line, message: `${mountPoint} is mounted from ${device}` };
    }
  }
  yield* await listBootLoaderFaults(context);
  // systemd-repart does nothing without a description, and systemd-growfs grows no partition.
  const growers = expandGlob(context.tree, '/{usr/bin/growpart,{etc,usr/lib}/repart.d/*.conf}');
  if (growers.length === 0) yield { check: 'CLD-006', path: '/usr/bin/growpart', message: 'growpart is not installed' };
  for (const { key, line } of parseSpaced((await context.readText('/etc/crypttab')) ?? '')) {
    yield { check: 'CLD-010', path: '/etc/crypttab', line, message: `${key} is an encrypted volume` };
  }
  for (const { path } of expandGlob(context.tree, '/home/{.ecryptfs,*/.Private,*/.ecryptfs}')) {
    yield { check: 'CLD-010', path, message: `${path} is an encrypted home` };
  }
}

async function listDriverFaults(context: RuleContext): Promise<readonly Fault[]> {
  const releases = expandGlob(context.tree, '/{usr/lib,lib}/modules/*').filter((each) => each.type === 'directory');
  if (releases.length === 0) {
    context.skip('CLD-003', 'There is no kernel in this target');
    return [];
  }
  const faults: Fault[] = [];
  for (const { path } of releases) {
    const known = `${await context.readText(`${path}/modules.dep`)}\n${await context.readText(`${path}/modules.builtin`)}`;
    for (const driver of ['ena', 'nvme']) {
      if (!new RegExp(`/${driver}\\.ko`).test(known))
        faults.push({ check: 'CLD-003', path, message: `The kernel of ${path} has no driver ${driver}` });
    }
  }
  return faults;
}

async function listBootLoaderFaults(context: RuleContext): Promise<readonly Fault[]> {
  const { tree } = context;
  if (expandGlob(tree, '/boot/vmlinuz*').length === 0) {
    for (const id of ['CLD-005', 'CLD-012']) context.skip(id, 'There is no kernel in this target');
    return [];
  }
  const faults: Fault[] = [];
  const loaders = expandGlob(
    tree,
    '/{boot/grub/i386-pc/core.img,boot/grub2/i386-pc/core.img,boot/grub/x86_64-efi,boot/grub2/x86_64-efi,boot/grub/arm64-efi,boot/efi/EFI/*,boot/extlinux/extlinux.conf,efi/EFI/*}',
  );
  if (loaders.length === 0)
    faults.push({
      check: 'CLD-012',
      path: '/boot',
      message: 'There is neither GRUB for BIOS nor anything in the EFI system partition',
    });
  const files = expandGlob(
    tree,
    '/{boot/grub/grub.cfg,boot/grub2/grub.cfg,boot/loader/entries/*.conf,etc/default/grub,etc/default/grub.d/*.cfg,etc/kernel/cmdline,boot/grub2/grubenv}',
  );
  for (const { path } of files) {
    if (findLine((await context.readText(path)) ?? '', /^[^#]*console=ttyS0/)) return faults;
  }
  return [
    ...faults,
    { check: 'CLD-005', path: '/etc/default/grub', message: 'The kernel command line has no console=ttyS0' },
  ];
}
