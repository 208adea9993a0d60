import type { RuleContext } from '../context.js';
import { type Leftover, listLeftovers } from '../leftovers.js';
import { type Fault, inEveryPolicy, type RuleGroup, whenPublished } from '../rule.js';

/** What makes one machine itself, and must not be on two. */
export const machineIdentityRules: RuleGroup = {
  checks: [
    {
      id: 'KEY-006',
      title: 'machine-id is there and empty',
      why: 'Clones that share it clash in DHCP, journald and SSM. A missing or "uninitialized" one makes systemd apply presets, which turns disabled services on again.',
      source: 'systemd machine-id(5); virt-sysprep machine-id',
      remedy: ': > /etc/machine-id (not rm, not cloud-init clean --machine-id).',
      policies: inEveryPolicy,
      severity: 'high',
    },
    {
      id: 'KEY-007',
      title: 'The machine-id of D-Bus follows that of systemd',
      why: 'systemd takes the id from here when /etc/machine-id is empty: the stale id survives the sealing.',
      source: 'systemd machine-id-setup(1)',
      remedy: 'ln -sf /etc/machine-id /var/lib/dbus/machine-id',
      policies: inEveryPolicy,
      severity: 'medium',
    },
    {
      id: 'KEY-009',
      title: 'No random seed',
      why: 'Instances that start from one seed make related keys in their first seconds.',
      source: 'systemd random-seed(8); virt-sysprep random-seed',
      remedy: 'rm -f /var/lib/systemd/random-seed /boot/efi/loader/random-seed',
      policies: inEveryPolicy,
      severity: 'medium',
    },
    {
      id: 'KEY-010',
      title: 'No other identity of the build machine',
      why: 'Agents, VPNs and storage use these files to tell machines apart, or to let them in.',
      source: 'virt-sysprep; buildimg',
      remedy: 'Remove the file; the service makes or asks for a new one.',
      policies: ['baseline', ...whenPublished],
      severity: 'medium',
    },
  ],
  evaluate: findMachineIdentityFaults,
};

const LEFTOVERS: readonly Leftover[] = [
  {
    check: 'KEY-009',
    paths: [
      '/var/lib/{systemd,urandom}/random-seed',
      '/boot/efi/loader/random-seed',
      '/efi/loader/random-seed',
      '/var/lib/random-seed',
    ],
    what: 'a random seed that every instance would start from',
  },
  {
    check: 'KEY-010',
    paths: ['/etc/hostid', '/etc/iscsi/initiatorname.iscsi', '/etc/nvme/{hostnqn,hostid}'],
    what: 'an identity of one machine',
  },
  {
    check: 'KEY-010',
    paths: ['/var/lib/yum/uuid', '/etc/smolt*', '/var/lib/dnf/uuid'],
    what: 'an identity of one machine',
  },
  {
    check: 'KEY-010',
    paths: ['/etc/puppetlabs/puppet/ssl/**', '/etc/chef/client.pem', '/etc/salt/pki/minion/*'],
    what: 'the certificate of a configuration agent',
  },
  {
    check: 'KEY-010',
    paths: [
      '/var/lib/tailscale/*',
      '/etc/wireguard/*.conf',
      '/var/lib/zerotier-one/identity.secret',
      '/var/lib/teleport/**',
    ],
    what: 'a membership in a private network',
  },
];

async function* findMachineIdentityFaults(context: RuleContext): AsyncIterable<Fault> {
  yield* await listMachineIdFaults(context);
  const dbus = context.tree.find('/var/lib/dbus/machine-id');
  if (dbus && dbus.type !== 'symlink' && dbus.size > 0) {
    yield {
      check: 'KEY-007',
      path: dbus.path,
      message: `${dbus.path} is a file of its own, and its id outlives the sealing`,
    };
  }
  yield* listLeftovers(context, LEFTOVERS);
}

async function listMachineIdFaults(context: RuleContext): Promise<readonly Fault[]> {
  const path = '/etc/machine-id';
  const content = (await context.readText(path))?.trim();
  if (content === '') return [];
  if (content === undefined) {
    return [
      {
        check: 'KEY-006',
        severity: 'medium',
        path,
        message: 'There is no machine-id: systemd takes the next boot for the very first and applies presets',
      },
    ];
  }
  if (content === 'uninitialized') {
    return [
      {
        check: 'KEY-006',
        severity: 'medium',
        path,
        message: 'machine-id is "uninitialized": systemd applies presets at the next boot',
      },
    ];
  }
  return [
    { check: 'KEY-006', path, message: `machine-id is set (${content.slice(0, 4)}…): every instance would have it` },
  ];
}
