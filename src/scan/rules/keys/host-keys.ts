import type { RuleContext } from '../context.js';
import { expandGlob } from '../glob.js';
import { type Fault, inEveryPolicy, type RuleGroup } from '../rule.js';

/** Host keys: gone from the image, and back at first boot. */
export const hostKeyRules: RuleGroup = {
  checks: [
    {
      id: 'KEY-003',
      title: 'No SSH host keys',
      why: 'With the key of one instance anybody can pose as all of them. AWS makes a public AMI with host keys private.',
      source: 'AWS shared AMI guidelines; virt-sysprep ssh-hostkeys',
      remedy:
        "find /etc/ssh -maxdepth 1 -type f -name 'ssh_host_*' -exec shred -u {} + (certificates too), after everything that reconnects.",
      policies: inEveryPolicy,
      severity: 'critical',
      severityIn: { baseline: 'high', 'cis-l1': 'high' },
    },
    {
      id: 'KEY-005',
      title: 'Host keys come back at first boot',
      why: 'Debian makes them only when the package is installed: without cloud-init sshd does not start on the instance.',
      source: 'buildimg (tried on Debian 12)',
      remedy:
        'Install the unit buildimg-hostkeys.service (the seal provisioner does), or leave cloud-init with its ssh module on.',
      policies: inEveryPolicy,
      severity: 'high',
    },
  ],
  evaluate: findHostKeyFaults,
};

async function* findHostKeyFaults(context: RuleContext): AsyncIterable<Fault> {
  const paths = [
    '/etc/ssh/ssh_host_*',
    '/etc/ssh/*_key{,.pub}',
    '/etc/dropbear/*_host_key',
    '/etc/dropbear/initramfs/*_host_key',
  ];
  const sshd = await context.sshd();
  const configured = sshd?.directives.filter((each) => each.keyword === 'hostkey').flatMap((each) => each.values) ?? [];
  const found = new Map(
    [...paths, ...configured].flatMap((path) => expandGlob(context.tree, path)).map((entry) => [entry.path, entry]),
  );
  const keys = [...found.values()].filter((entry) => entry.type === 'file' && entry.size > 0);
  for (const { path } of keys) yield { check: 'KEY-003', path, message: `${path} would be the same on every instance` };
  if (!sshd) {
    context.skip('KEY-005', 'No sshd is installed');
  } else if (!(await canMakeHostKeys(context))) {
    const message =
      'Nothing makes host keys at first boot: no cloud-init that runs, no sshd-keygen, no unit with ssh-keygen -A';
    yield { check: 'KEY-005', path: '/etc/ssh', message };
  }
}

async function canMakeHostKeys(context: RuleContext): Promise<boolean> {
  const cloud = await context.cloud();
  const modules = cloud.merged['cloud_init_modules'];
  const hasModule = !Array.isArray(modules) || modules.some((each) => [each].flat()[0] === 'ssh');
  if (cloud.isInstalled && cloud.disabledBy === undefined && hasModule) return true;
  const units = await context.units();
  // Red Hat family: sshd.service itself wants the target.
  if (units.exists('sshd-keygen@.service') && units.exists('sshd-keygen.target')) return true;
  for (const name of units.enabled) {
    if (!name.endsWith('.service') || !units.isEnabled(name)) continue;
    const settings = await units.settingsOf(name);
    const makesKeys = settings.some(
      (each) => /^ExecStart(?:Pre)?$/.test(each.key) && each.value.includes('ssh-keygen -A'),
    );
    // With an empty machine-id it is never the first boot, so this condition of Debian 13 is never met.
    const isFirstBootOnly = settings.some((each) => each.key === 'ConditionFirstBoot' && each.value === 'yes');
    if (makesKeys && !isFirstBootOnly) return true;
  }
  return false;
}
