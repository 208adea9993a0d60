// A report about a real scan of a small image with everything that a format has to cope with: secrets, hostile names, a
// waiver that holds and one that expired, a file that cannot be read.
import type { FailOn, ScanReport } from '../../src/report/scan-report.js';
import type { TextStyle } from '../../src/report/text.js';
import { isFailing, type ScanOptions, scanTree } from '../../src/scan/scan-tree.js';
import { NOW } from '../scan/rules/fixtures/common.js';
import { distributions } from '../scan/rules/fixtures/distributions.js';
import { aMemoryTree, type MemoryFiles } from './memory-tree.js';

/** Never in a report, and put together here so that no scan of this folder finds them. */
export const PLANTED_SECRETS: readonly string[] = [
  ['AKIA', 'Z7Q3M5X2W4T6R2PA'].join(''),
  ['Tr0ub4dor', 'and', '3'].join('-'),
  ['hunter', '2222'].join(''),
];

export const HOSTILE_NAMES: readonly string[] = [
  '/home/a\nb*[c]/.bash_history',
  '/home/<img src=x onerror=alert(1)>/.bash_history',
  '/home/\u202egnp.\u001b[31m/.bash_history',
  '/home/100% é:日本 #?&"\'/.bash_history',
  '/home/back\\slash\\x80/.bash_history',
];

export const faultySettings = `KEY=${PLANTED_SECRETS[0]}\nDB_PASSWORD=${PLANTED_SECRETS[1]}\n`;

export const faultyImage: MemoryFiles = {
  ...distributions['debian-12'],
  '/opt/app/.env': faultySettings,
  '/etc/app.conf': `url=https://ci:${PLANTED_SECRETS[2]}@acme.test/\n`,
  '/root/.bash_history': 'ls\n',
  '/etc/ssh/ssh_host_rsa_key.pub': 'ssh-rsa AAAA\n',
  ...Object.fromEntries(HOSTILE_NAMES.map((name) => [name, 'ls\n'])),
};

const WAIVERS = [
  { check: 'SEAL-001', path: '/root/**', reason: 'An exercise <of> the report', expires: '2027-01-31' },
  { check: 'KEY-003', reason: 'It was waived once', expires: '2026-01-31' },
];

export async function aScanReport({
  files = faultyImage,
  failOn = 'high',
  ...options
}: { readonly files?: MemoryFiles; readonly failOn?: FailOn } & Partial<ScanOptions> = {}): Promise<ScanReport> {
  const tree = { ...aMemoryTree(files, 'web.qcow2'), gaps: [{ path: '/srv/da\nmaged', reason: 'a bad block' }] };
  const result = await scanTree(tree, { policy: 'marketplace', now: NOW, waivers: WAIVERS, ...options });
  return {
    result,
    failOn,
    isFailing: failOn !== 'none' && isFailing(result, failOn),
    scannedAt: NOW,
    tool: { name: 'buildimg', version: '1.2.3' },
  };
}

const asItIs = (text: string) => text;

export const plainStyle: TextStyle = { good: asItIs, bad: asItIs, warn: asItIs, quiet: asItIs, strong: asItIs };
