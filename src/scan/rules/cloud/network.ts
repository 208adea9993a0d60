import { isMapping } from '../../parse/cloud-config.js';
import { parseIni } from '../../parse/ini.js';
import { findLine } from '../../parse/lines.js';
import type { RuleContext } from '../context.js';
import { expandGlob } from '../glob.js';
import { type Fault, inEveryPolicy, type RuleGroup } from '../rule.js';

/** Addresses come from the VPC. */
export const cloudNetworkRules: RuleGroup = {
  checks: [
    {
      id: 'CLD-007',
      title: 'Network cards are configured by DHCP',
      why: 'A fixed address fits one subnet only; in any other the instance is out of reach.',
      source: 'AWS Marketplace AMI policy (region-agnostic)',
      remedy:
        'dhcp4: true (netplan), method=auto (NetworkManager), BOOTPROTO=dhcp, DHCP=yes (networkd), iface … inet dhcp.',
      policies: inEveryPolicy,
      severity: 'high',
    },
  ],
  evaluate: findStaticAddresses,
};

interface Reader {
  readonly glob: string;
  /** The setting of a file that fixes an address; undefined where there is none. */
  readonly find: (text: string) => string | undefined;
}

const NETPLAN = '/{etc,usr/lib,lib}/netplan/*.yaml';

const READERS: readonly Reader[] = [
  { glob: '/etc/NetworkManager/system-connections/*', find: findKeyfileAddress },
  {
    glob: '/etc/sysconfig/network-scripts/ifcfg-*',
    find: (text) => findLine(text, /^\s*(?:IPADDR\d*\s*=|BOOTPROTO\s*=\s*["']?static)/)?.text.trim(),
  },
  { glob: '/etc/systemd/network/*.network', find: findNetworkdAddress },
  {
    glob: '/etc/network/{interfaces,interfaces.d/*}',
    find: (text) => findLine(text, /^\s*iface\s+(?!lo\b)\S+\s+inet6?\s+static/)?.text.trim(),
  },
];

async function* findStaticAddresses(context: RuleContext): AsyncIterable<Fault> {
  for (const { path } of expandGlob(context.tree, NETPLAN)) {
    const setting = findNetplanAddress(await context.readYaml(path, '1.2'));
    if (setting) yield describeAddress(path, setting);
  }
  for (const { glob, find } of READERS) {
    for (const { path } of expandGlob(context.tree, glob)) {
      if (path.endsWith('/ifcfg-lo')) continue;
      const setting = find((await context.readText(path)) ?? '');
      if (setting) yield describeAddress(path, setting);
    }
  }
}

function describeAddress(path: string, setting: string): Fault {
  return { check: 'CLD-007', path, message: `${path} fixes an address: ${setting}` };
}

function findNetplanAddress(config: unknown): string | undefined {
  const network = isMapping(config) && isMapping(config['network']) ? config['network'] : {};
  for (const kind of ['ethernets', 'bonds', 'bridges', 'vlans', 'wifis']) {
    const cards = network[kind];
    for (const [name, card] of Object.entries(isMapping(cards) ? cards : {})) {
      const addresses = isMapping(card) ? card['addresses'] : undefined;
      if (Array.isArray(addresses) && addresses.length > 0) return `${name} has ${addresses.map(String).join(', ')}`;
    }
  }
  return undefined;
}

function findKeyfileAddress(text: string): string | undefined {
  const settings = parseIni(text);
  if (settings.some((each) => each.section === 'connection' && each.key === 'type' && each.value === 'loopback'))
    return undefined;
  const found = settings.find((each) => /^ipv[46]$/.test(each.section) && /^address\d*$/.test(each.key));
  return found && `${found.key}=${found.value}`;
}

function findNetworkdAddress(text: string): string | undefined {
  const settings = parseIni(text);
  if (settings.some((each) => each.section === 'Match' && each.key === 'Name' && each.value === 'lo')) return undefined;
  const found = settings.find((each) => /^(?:Network|Address)$/.test(each.section) && each.key === 'Address');
  return found && `Address=${found.value}`;
}
