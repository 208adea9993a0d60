import { orderSysctlFiles, parseSysctl, SYSCTL_FOLDERS } from '../../parse/sysctl.js';
import type { RuleContext } from '../context.js';
import { expandGlob } from '../glob.js';
import { type Fault, forCis, type RuleGroup } from '../rule.js';
import { sysctlRequirements } from './sysctl-requirements.js';

/** What the kernel allows. */
export const kernelRules: RuleGroup = {
  checks: [
    {
      id: 'KRN-001',
      title: 'Kernel parameters are set for a server',
      why: 'They close what attacks build on: kernel addresses, redirects, links in shared folders, tracing of other processes.',
      source: 'CIS; dev-sec os',
      remedy:
        'The harden provisioner writes /etc/sysctl.d/60-buildimg.conf. Not asked for: ip_forward, accept_ra (containers, IPv6 on EC2).',
      policies: forCis,
      severity: 'low',
    },
    {
      id: 'KRN-002',
      title: 'Programs write no core files',
      why: 'A core holds the memory of a program: keys, passwords, data of customers.',
      source: 'CIS; dev-sec os',
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
  if (/^\s*SELINUX\s*=\s*disabled/m.test(selinux ?? '')) {
    yield { check: 'KRN-003', path: '/etc/selinux/config', message: 'SELINUX=disabled' };
  }
  for (const { path } of expandGlob(
    context.tree,
    '/{etc/default/grub,etc/default/grub.d/*.cfg,etc/kernel/cmdline,boot/grub/grub.cfg,boot/grub2/grub.cfg,boot/loader/entries/*.conf}',
  )) {
    const lines = ((await context.readText(path)) ?? '').split('\n');
    const index = lines.findIndex((line) => !/^\s*#/.test(line) && /\b(?:selinux|apparmor)=0\b/.test(line));
    if (index >= 0)
      yield {
        check: 'KRN-003',
        path,
        line: index + 1,
        message: 'The kernel command line turns SELinux or AppArmor off',
      };
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
  return sysctlRequirements.flatMap(({ key, wanted, kernelDefault }): readonly Fault[] => {
    const set = values.get(key);
    const value = set?.value ?? kernelDefault;
    if (wanted.includes(value)) return [];
    const origin = set ? '' : ' by default';
    return [
      {
        check: 'KRN-001',
        path: set?.path ?? '/etc/sysctl.d',
        line: set?.line,
        message: `${key} is ${value}${origin}; ${wanted.join(' or ')} is right`,
      },
    ];
  });
}

async function listCoreFaults(context: RuleContext): Promise<readonly Fault[]> {
  const limits = expandGlob(context.tree, '/etc/security/{limits.conf,limits.d/*.conf}');
  for (const { path } of limits) {
    if (/^\s*\*\s+(?:hard|-)\s+core\s+0\b/m.test((await context.readText(path)) ?? '')) return [];
  }
  return [
    { check: 'KRN-002', path: '/etc/security/limits.conf', message: 'No limit keeps programs from writing core files' },
  ];
}
