import { findLine } from '../../parse/lines.js';
import { orderSysctlFiles, parseSysctl, SYSCTL_FOLDERS } from '../../parse/sysctl.js';
import type { RuleContext } from '../context.js';
import { expandGlob } from '../glob.js';
import { type Fault, forCis, type RuleGroup } from '../rule.js';
import { coreRequirements, type SysctlRequirement, sysctlRequirements } from './sysctl-requirements.js';

/** What the kernel allows. */
export const kernelRules: RuleGroup = {
  checks: [
    {
      id: 'KRN-001',
      title: 'Kernel parameters are set for a server',
      why: 'They close what attacks build on: kernel addresses, redirects, links in shared folders, tracing of other processes.',
      source: 'CIS; dev-sec os',
      remedy:
        'The harden provisioner writes /etc/sysctl.d/60-buildimg.conf. Not asked for: ip_forward, accept_ra (containers, IPv6 on EC2), sysrq (the serial console rescues by it).',
      policies: forCis,
      severity: 'low',
    },
    {
      id: 'KRN-002',
      title: 'A crashing setuid program leaves no memory on disk',
      why: 'It ran as root, and what it held was meant for root alone.',
      source: 'CIS; dev-sec os',
      remedy: 'fs.suid_dumpable = 0 in /etc/sysctl.d.',
      policies: forCis,
      severity: 'low',
    },
    {
      id: 'KRN-004',
      title: 'Programs write no core files',
      why: 'A core holds the memory of a program: keys, passwords, data of customers.',
      source: 'CIS; dev-sec os; lynis KRNL-5820',
      remedy: '* hard core 0 in /etc/security/limits.d, and Storage=none in /etc/systemd/coredump.conf.d.',
      policies: forCis,
      severity: 'low',
    },
    {
      id: 'KRN-003',
      title: 'SELinux or AppArmor is on',
      why: 'It confines a service that was taken over.',
      source: 'CIS',
      remedy:
        'Take selinux=0 and apparmor=0 from the kernel command line; SELINUX=enforcing or permissive, as the distribution has it.',
      policies: forCis,
      severity: 'medium',
    },
  ],
  evaluate: findKernelFaults,
};

async function* findKernelFaults(context: RuleContext): AsyncIterable<Fault> {
  yield* await listSysctlFaults(context);
  yield* await listCoreFaults(context);
  const selinux = await context.readText('/etc/selinux/config');
  if (findLine(selinux ?? '', /^\s*SELINUX\s*=\s*disabled/)) {
    yield { check: 'KRN-003', path: '/etc/selinux/config', message: 'SELINUX=disabled' };
  }
  for (const { path } of expandGlob(
    context.tree,
    '/{etc/default/grub,etc/default/grub.d/*.cfg,etc/kernel/cmdline,boot/grub/grub.cfg,boot/grub2/grub.cfg,boot/loader/entries/*.conf}',
  )) {
    const off = findLine((await context.readText(path)) ?? '', /^(?!\s*#).*\b(?:selinux|apparmor)=0\b/);
    if (off) {
      const message = 'The kernel command line turns SELinux or AppArmor off';
      yield { check: 'KRN-003', path, line: off.line, message };
    }
  }
}

async function listSysctlFaults(context: RuleContext): Promise<readonly Fault[]> {
  const paths = SYSCTL_FOLDERS.flatMap((folder) =>
    expandGlob(context.tree, `${folder}/*.conf`).map((each) => each.path),
  );
  const values = new Map<string, { readonly value: string; readonly path: string; readonly line: number }>();
  // Here the last setting wins, in contrast to sshd. /etc/sysctl.conf is read by `sysctl --system` after all others.
  for (const path of [...orderSysctlFiles(paths), '/etc/sysctl.conf']) {
    for (const { key, value, line } of parseSysctl((await context.readText(path)) ?? ''))
      values.set(key, { value, path, line });
  }
  const judge = (check: string, { key, wanted, kernelDefault }: SysctlRequirement): readonly Fault[] => {
    const set = values.get(key);
    const value = set?.value ?? kernelDefault;
    if (wanted.includes(value)) return [];
    const origin = set ? '' : ' by default';
    const message = `${key} is ${value}${origin}; ${wanted.join(' or ')} is right`;
    return [{ check, path: set?.path ?? '/etc/sysctl.d', line: set?.line, message }];
  };
  return [
    ...sysctlRequirements.flatMap((requirement) => judge('KRN-001', requirement)),
    ...coreRequirements.flatMap((requirement) => judge('KRN-002', requirement)),
  ];
}

async function listCoreFaults(context: RuleContext): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  if (!(await says(context, '/etc/security/{limits.conf,limits.d/*.conf}', /^\s*\*\s+(?:hard|-)\s+core\s+0\b/))) {
    faults.push({
      check: 'KRN-004',
      path: '/etc/security/limits.conf',
      message: 'No limit keeps programs from writing core files',
    });
  }
  // Limits do not reach services: their cores go to systemd-coredump where it is installed, and that keeps them.
  const isCollected = expandGlob(context.tree, '/usr/lib/systemd/systemd-coredump').length > 0;
  const isLetGo = await says(context, '/etc/systemd/{coredump.conf,coredump.conf.d/*.conf}', /^\s*Storage\s*=\s*none/);
  if (isCollected && !isLetGo)
    faults.push({ check: 'KRN-004', path: '/etc/systemd/coredump.conf', message: 'systemd keeps core files' });
  return faults;
}

async function says(context: RuleContext, files: string, pattern: RegExp): Promise<boolean> {
  for (const { path } of expandGlob(context.tree, files)) {
    if (findLine((await context.readText(path)) ?? '', pattern)) return true;
  }
  return false;
}
