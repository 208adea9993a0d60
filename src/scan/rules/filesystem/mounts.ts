import { parseFstab } from '../../parse/fstab.js';
import { matchLines } from '../../parse/lines.js';
import type { RuleContext } from '../context.js';
import { expandGlob } from '../glob.js';
import { type Fault, forCis, type RuleGroup } from '../rule.js';

/** File systems and kernel modules. */
export const mountRules: RuleGroup = {
  checks: [
    {
      id: 'FS-008',
      title: '/dev/shm runs no programs and has no devices',
      why: 'What everybody can write should carry no devices, no setuid and no programs; nothing is installed from here.',
      source: 'CIS',
      remedy: 'tmpfs /dev/shm tmpfs defaults,nodev,nosuid,noexec 0 0 in /etc/fstab.',
      policies: forCis,
      severity: 'low',
    },
    {
      id: 'FS-011',
      title: '/tmp is a file system of its own, nodev and nosuid',
      why: 'What everybody can write should carry no devices and no setuid. noexec is not asked for: it breaks Packer, SSM and installers.',
      source: 'CIS',
      remedy: 'systemctl enable tmp.mount, or a line in /etc/fstab with nodev,nosuid.',
      policies: forCis,
      severity: 'low',
    },
    {
      id: 'FS-009',
      title: 'Kernel modules for file systems that nobody uses cannot be loaded',
      why: 'A file system that is rarely used is rarely looked at, and any user may have it loaded.',
      source: 'CIS; dev-sec os-10',
      remedy:
        'install NAME /bin/false in /etc/modprobe.d. Never vfat (/boot/efi) and squashfs (the SSM agent is a snap on Ubuntu).',
      policies: forCis,
      severity: 'low',
    },
    {
      id: 'NET-004',
      title: 'Kernel modules for protocols with a bad history cannot be loaded',
      why: 'Any user may have them loaded by opening a socket; several gave away the kernel.',
      source: 'CIS; dev-sec os-10',
      remedy: 'install NAME /bin/false in /etc/modprobe.d.',
      policies: forCis,
      severity: 'low',
    },
  ],
  evaluate: findMountFaults,
};

const UNUSED_MODULES = {
  'FS-009': ['cramfs', 'freevxfs', 'jffs2', 'hfs', 'hfsplus', 'udf'],
  'NET-004': ['dccp', 'sctp', 'rds', 'tipc'],
} as const;
const NEEDED_MODULES = ['vfat', 'squashfs'];

async function* findMountFaults(context: RuleContext): AsyncIterable<Fault> {
  const mounts = parseFstab((await context.readText('/etc/fstab')) ?? '');
  const units = await context.units();
  const tmp = mounts.find((mount) => mount.mountPoint === '/tmp');
  // tmp.mount of systemd is nosuid,nodev; without either, /tmp is a part of the root file system.
  if (tmp ? !isGuarded(tmp.options) : !units.isEnabled('tmp.mount')) {
    const message = tmp ? '/tmp is mounted without nodev and nosuid' : '/tmp is part of the root file system';
    yield { check: 'FS-011', path: '/etc/fstab', line: tmp?.line, message };
  }
  // systemd mounts it nodev and nosuid by itself, and takes noexec from fstab.
  const shm = mounts.find((mount) => mount.mountPoint === '/dev/shm');
  if (!shm || !isGuarded(shm.options) || !shm.options.includes('noexec')) {
    const message = '/dev/shm is mounted without nodev, nosuid and noexec';
    yield { check: 'FS-008', path: '/etc/fstab', line: shm?.line, message };
  }
  yield* await listModuleFaults(context);
}

function isGuarded(options: readonly string[]): boolean {
  return options.includes('nodev') && options.includes('nosuid');
}

async function listModuleFaults(context: RuleContext): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  const disabled = new Set<string>();
  for (const { path } of expandGlob(context.tree, '/{etc,run,usr/lib,lib}/modprobe.d/*.conf')) {
    const text = (await context.readText(path)) ?? '';
    for (const { found } of matchLines(text, /^\s*install\s+(\S+)\s+\/\S*\/(?:false|true)\b/)) {
      const [, name = ''] = found;
      disabled.add(name);
      if (NEEDED_MODULES.includes(name)) {
        faults.push({
          check: 'FS-009',
          severity: 'medium',
          path,
          message: `${name} cannot be loaded: EC2 needs it (/boot/efi, or the SSM agent as a snap)`,
        });
      }
    }
  }
  for (const [check, modules] of Object.entries(UNUSED_MODULES)) {
    const open = modules.filter((name) => !disabled.has(name));
    if (open.length > 0)
      faults.push({ check, path: '/etc/modprobe.d', message: `These can be loaded: ${open.join(', ')}` });
  }
  return faults;
}
