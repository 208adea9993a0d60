import type { RuleContext } from '../context.js';
import { expandGlob } from '../glob.js';
import { type Fault, forCis, forMarketplace, inEveryPolicy, type RuleGroup } from '../rule.js';

/** How a customer gets in, and what happens at first boot. */
export const loginPathRules: RuleGroup = {
  checks: [
    {
      id: 'CLD-001',
      title: 'The launch key is put in place at boot',
      why: 'Without cloud-init, or a script in its stead, nobody ever gets into the instance.',
      source: 'AWS shared AMI guidelines (install public key credentials)',
      remedy: 'Install and enable cloud-init, or add the public-key provisioner.',
      policies: inEveryPolicy,
      severity: 'high',
    },
    {
      id: 'CLD-009',
      title: 'The SSM agent is there and enabled',
      why: 'Session Manager needs no open port and no key.',
      source: 'AWS Systems Manager',
      remedy: 'Add the ssm-agent provisioner.',
      policies: forCis,
      severity: 'info',
    },
    {
      id: 'CLD-011',
      title: 'The machine boots to its services by itself',
      why: 'A rescue target or the questions of systemd-firstboot wait at a console where nobody sits.',
      source: 'systemd-firstboot(1)',
      remedy:
        'systemctl set-default multi-user.target; systemctl mask systemd-firstboot.service, and keep machine-id empty.',
      policies: inEveryPolicy,
      severity: 'medium',
    },
    {
      id: 'FB-001',
      title: 'First-boot credentials are enabled, and have not run',
      why: 'A marker of the build makes the unit think that the passwords are made: all instances share those of the build.',
      source: 'AWS Marketplace AMI policy (passwords for each instance)',
      remedy:
        'systemctl enable buildimg-first-boot.service; remove /var/lib/buildimg/first-boot and /root/initial-credentials.',
      policies: forMarketplace,
      severity: 'high',
    },
  ],
  evaluate: findLoginPathFaults,
};

async function* findLoginPathFaults(context: RuleContext): AsyncIterable<Fault> {
  const { isInstalled, disabledBy } = await context.cloud();
  if (
    (!isInstalled || disabledBy !== undefined || !(await isCloudInitStarted(context))) &&
    !(await hasOwnKeyScript(context))
  ) {
    const reason = isInstalled ? (disabledBy ?? 'none of its units is enabled') : 'it is not installed';
    yield {
      check: 'CLD-001',
      path: disabledBy ?? '/etc/cloud',
      message: `cloud-init does not run (${reason}), and no unit fetches the launch key`,
    };
  }
  yield* await listAgentFaults(context);
  yield* listBootFaults(context);
  yield* await listFirstBootFaults(context);
}

async function isCloudInitStarted(context: RuleContext): Promise<boolean> {
  const { tree } = context;
  if (expandGlob(tree, '/{usr/lib,lib,etc}/systemd/system-generators/cloud-init-generator').length > 0) return true;
  const units = await context.units();
  return ['cloud-init.service', 'cloud-init-main.service', 'cloud-init-network.service', 'cloud-init.target'].some(
    (name) => units.isEnabled(name),
  );
}

async function hasOwnKeyScript(context: RuleContext): Promise<boolean> {
  const units = await context.units();
  for (const name of units.enabled) {
    if (!units.isEnabled(name)) continue;
    for (const { key, value } of await units.settingsOf(name)) {
      if (!/^ExecStart(?:Pre)?$/.test(key)) continue;
      const program = /\/\S+/.exec(value)?.[0] ?? '';
      const text = `${value}\n${(await context.readText(program))?.slice(0, 65_536) ?? ''}`;
      if (/public-keys\/|openssh-key/.test(text)) return true;
    }
  }
  return false;
}

async function listAgentFaults(context: RuleContext): Promise<readonly Fault[]> {
  const units = await context.units();
  const names = ['amazon-ssm-agent.service', 'snap.amazon-ssm-agent.amazon-ssm-agent.service'];
  if (names.some((name) => units.isEnabled(name))) return [];
  return [{ check: 'CLD-009', path: '/etc/systemd/system', message: 'amazon-ssm-agent is not enabled' }];
}

function* listBootFaults({ tree }: RuleContext): Iterable<Fault> {
  const target = tree.find('/etc/systemd/system/default.target');
  if (target && /(?:rescue|emergency|halt|poweroff|reboot)\.target$/.test(target.linkTarget ?? '')) {
    yield { check: 'CLD-011', path: target.path, message: `The default target is ${target.linkTarget}` };
  }
  const machineId = tree.resolve('/etc/machine-id');
  const asks = expandGlob(tree, '/{usr/lib,lib}/systemd/system/systemd-firstboot.service')[0];
  const isMasked = tree.find('/etc/systemd/system/systemd-firstboot.service')?.linkTarget === '/dev/null';
  if (!machineId && asks && !isMasked) {
    yield {
      check: 'CLD-011',
      path: asks.path,
      message: 'Without a machine-id systemd-firstboot runs, and may ask at the console',
    };
  }
}

async function listFirstBootFaults(context: RuleContext): Promise<readonly Fault[]> {
  const units = await context.units();
  const name = 'buildimg-first-boot.service';
  if (!units.exists(name)) {
    context.skip('FB-001', 'The image has no first-boot credentials of buildimg');
    return [];
  }
  const faults: Fault[] = [];
  if (!units.isEnabled(name))
    faults.push({ check: 'FB-001', path: `/etc/systemd/system/${name}`, message: `${name} is not enabled` });
  for (const { path } of expandGlob(
    context.tree,
    '/{var/lib/buildimg/first-boot/{instance-id,initial},root/initial-credentials}',
  )) {
    faults.push({ check: 'FB-001', path, message: `${path} is from a run in the build` });
  }
  return faults;
}
