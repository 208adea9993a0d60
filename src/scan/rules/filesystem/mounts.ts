import { parseFstab } from '../../parse/fstab.js';
import type { RuleContext } from '../context.js';
import { expandGlob } from '../glob.js';
import { type Fault, forCis, type RuleGroup } from '../rule.js';

/** File systems and kernel modules. */
export const mountRules: RuleGroup = {
  checks: [
    {
      id: 'FS-008',
      title: '/tmp and /dev/shm are mounted nodev and nosuid',
      why: 'What everybody can write should carry no devices and no setuid. noexec is not asked for: it breaks Packer, SSM and installers.',
      source: 'CIS',
      remedy: 'systemctl enable tmp.mount, or a line in /etc/fstab with nodev,nosuid.',
      policies: forCis,
      severity: 'low',
    },
    {
      id: 'FS-009',
      title: 'Kernel modules that nobody uses cannot be loaded',
      why: 'A file system or protocol that is rarely used is rarely looked at, and any user may have it loaded.',
      source: 'CIS; dev-sec os-10',
      remedy:
        'install NAME /bin/false in /etc/modprobe.d. Never vfat (/boot/efi) and squashfs (the SSM agent is a snap on Ubuntu).',
      policies: forCis,
      severity: 'low',
    },
  ],
  evaluate: findMountFaults,
};

const UNUSED_MODULES = ['cramfs', 'freevxfs', 'jffs2', 'hfs', 'hfsplus', 'udf', 'dccp', 'sctp', 'rds', 'tipc'];
const NEEDED_MODULES = ['vfat', 'squashfs'];

async function* findMountFaults(context: RuleContext): AsyncIterable<Fault> {
  const mounts = parseFstab((await context.readText('/etc/fstab')) ?? '');
  const units = await context.units();
  const tmp = mounts.find((mount) => mount.mountPoint === '/tmp');
  // tmp.mount of systemd is nosuid,nodev; without either, /tmp is a part of the root file system.
  if (tmp ? !isGuarded(tmp.options) : !units.isEnabled('tmp.mount')) {
    const message = tmp ? '/tmp is mounted without nodev and nosuid' : '/tmp is part of the root file system';
    yield { check: 'FS-008', path: '/etc/fstab', line: tmp?.line, message };
  }
  const shm = mounts.find((mount) => mount.mountPoint === '/dev/shm');
  if (shm && !isGuarded(shm.options))
    yield {
      check: 'FS-008',
      path: '/etc/fstab',
      line: shm.line,
      message: '/dev/shm is mounted without nodev and nosuid',
    };
  yield* await listModuleFaults(context);
}

function isGuarded(options: readonly string[]): boolean {
  return options.includes('nodev') && options.includes('nosuid');
}

async function listModuleFaults(context: RuleContext): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  const disabled = new Set<string>();
  for (const { path } of expandGlob(context.tree, '/{etc,run,usr/lib,lib}/modprobe.d/*.conf')) {
    for (const [, name = ''] of ((await context.readText(path)) ?? '').matchAll(
      /^\s*install\s+(\S+)\s+\/\S*\/(?:false|true)\b/gm,
    )) {
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
  const open = UNUSED_MODULES.filter((name) => !disabled.has(name));
  if (open.length > 0)
    faults.push({ check: 'FS-009', path: '/etc/modprobe.d', message: `These can be loaded: ${open.join(', ')}` });
  return faults;
}
