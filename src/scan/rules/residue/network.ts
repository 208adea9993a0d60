import { findLine } from '../../parse/lines.js';
import type { RuleContext } from '../context.js';
import { expandGlob } from '../glob.js';
import { type Leftover, listLeftovers } from '../leftovers.js';
import { type Fault, inEveryPolicy, type RuleGroup } from '../rule.js';

/** Names, addresses and network cards of the build instance. */
export const networkResidueRules: RuleGroup = {
  checks: [
    {
      id: 'SEAL-008',
      title: 'No hostname of the build instance',
      why: 'Instances would bear the name of a machine that is gone until somebody sets another.',
      source: 'image-builder; EC2 Image Builder clean-up',
      remedy: ': > /etc/hostname, and take the line out of /etc/hosts.',
      policies: inEveryPolicy,
      severity: 'low',
    },
    {
      id: 'SEAL-009',
      title: 'No DHCP leases',
      why: 'A client asks for its old address first, and waits for the refusal.',
      source: 'virt-sysprep dhcp-client-state; EC2 Image Builder clean-up',
      remedy: 'Remove the lease.',
      policies: inEveryPolicy,
      severity: 'low',
    },
    {
      id: 'SEAL-010',
      title: 'No network configuration is bound to one card',
      why: 'The MAC address of the build instance matches no card of a clone: it comes up without network.',
      source: 'virt-sysprep udev-persistent-net, net-hwaddr',
      remedy: 'Remove the rule, or the HWADDR, UUID, macaddress or MACAddress line.',
      policies: inEveryPolicy,
      severity: 'medium',
    },
  ],
  evaluate: findNetworkResidue,
};

const LEFTOVERS: readonly Leftover[] = [
  {
    check: 'SEAL-009',
    paths: [
      '/var/lib/{dhcp,dhclient}/*.leases',
      '/var/lib/{dhcp,dhclient}/*.lease',
      '/var/lib/dhcpcd/*.lease*',
      '/var/lib/NetworkManager/*.lease',
      '/var/lib/NetworkManager/internal-*',
      '/run/systemd/netif/leases/*',
      '/var/lib/systemd/network/*',
    ],
    what: 'a DHCP lease of the build instance',
  },
  {
    check: 'SEAL-010',
    paths: ['/etc/udev/rules.d/70-persistent-net.rules'],
    what: 'a list of the build instance’s cards',
  },
];

const BUILD_NAME = /\bip-\d+-\d+-\d+-\d+\b|\.(?:compute\.internal|ec2\.internal)\b/;

/** Where a card may be named, and the line that names it. */
const CARD_LINES: readonly (readonly [glob: string, line: RegExp])[] = [
  ['/etc/udev/rules.d/75-cloud-ifupdown*.rules', /ATTR\{address\}=="[0-9a-f:]{17}"/i],
  ['/etc/sysconfig/network-scripts/ifcfg-*', /^\s*(?:HWADDR|UUID)\s*=/],
  ['/etc/NetworkManager/system-connections/*.nmconnection', /^\s*(?:uuid|mac-address)\s*=/],
  ['/etc/netplan/*.yaml', /^\s*macaddress\s*:/],
  ['/etc/systemd/network/*', /^\s*(?:Permanent)?MACAddress\s*=/],
];

async function* findNetworkResidue(context: RuleContext): AsyncIterable<Fault> {
  yield* listLeftovers(context, LEFTOVERS);
  yield* await listLines(context, { check: 'SEAL-008', path: '/etc/hostname', pattern: BUILD_NAME });
  yield* await listLines(context, {
    check: 'SEAL-008',
    path: '/etc/hosts',
    pattern: /^\s*(?!127\.)\d+\.\d+\.\d+\.\d+\s+ip-|^(?!\s*#).*(?:compute|ec2)\.internal\b/,
  });
  for (const [glob, pattern] of CARD_LINES) {
    for (const { path } of expandGlob(context.tree, glob))
      yield* await listLines(context, { check: 'SEAL-010', path, pattern });
  }
}

async function listLines(
  context: RuleContext,
  { check, path, pattern }: { check: string; path: string; pattern: RegExp },
): Promise<readonly Fault[]> {
  const { text, line } = findLine((await context.readText(path)) ?? '', pattern) ?? {};
  return text === undefined
    ? []
    : [{ check, path, line, message: `${path} has "${text.trim()}" from the build instance` }];
}
