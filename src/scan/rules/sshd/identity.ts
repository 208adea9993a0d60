import { findLine } from '../../parse/lines.js';
import { isOlder } from '../../parse/sshd-defaults.js';
import type { RuleContext } from '../context.js';
import { expandGlob } from '../glob.js';
import { type Fault, forMarketplace, inEveryPolicy, type RuleGroup, whenPublished } from '../rule.js';
import { type SshdView, skipUndecidedChecks } from '../views/sshd.js';
import { explainExclusion } from './exclusion.js';

/** Keys on both sides: that the customer's key works, and that nobody else's does. */
export const sshdIdentityRules: RuleGroup = {
  checks: [
    {
      id: 'SSH-009',
      title: 'The launch key of the customer works',
      why: 'Public keys are the only way in; turned off or filtered, the instance is out of reach.',
      source: 'AWS shared AMI guidelines',
      remedy: 'PubkeyAuthentication yes, and take the default user out of DenyUsers or into AllowUsers.',
      policies: inEveryPolicy,
      severity: 'high',
    },
    {
      id: 'SSH-010',
      title: 'Every host key that sshd wants can be made at first boot',
      why: 'ssh-keygen -A and cloud-init make keys only in /etc/ssh; a HostKey elsewhere never comes back after sealing.',
      source: 'buildimg (tried)',
      remedy: 'Take the HostKey line out, or point it at /etc/ssh/ssh_host_ed25519_key.',
      policies: inEveryPolicy,
      severity: 'high',
    },
    {
      id: 'SSH-016',
      title: 'EC2 Instance Connect stays connected',
      why: 'Without its AuthorizedKeysCommand the console’s Connect button fails.',
      source: 'Amazon Linux; ec2-instance-connect',
      remedy: 'Keep the lines AuthorizedKeysCommand …/eic_run_authorized_keys %u %f and AuthorizedKeysCommandUser.',
      policies: inEveryPolicy,
      severity: 'medium',
    },
    {
      id: 'SSH-017',
      title: 'No other source of login keys',
      why: 'A certificate authority or a key command of the publisher is a back door that a look at authorized_keys misses.',
      source: 'buildimg',
      remedy:
        'Remove TrustedUserCAKeys, AuthorizedPrincipalsFile, AuthorizedKeysCommand and unusual AuthorizedKeysFile lines.',
      policies: whenPublished,
      severity: 'high',
    },
    {
      id: 'SSH-018',
      title: 'Only root writes the configuration of sshd',
      why: 'Whoever writes it opens the door, or has sshd run a command as root.',
      source: 'CIS',
      remedy: 'chown root:root and chmod go-w the file.',
      policies: inEveryPolicy,
      severity: 'medium',
    },
    {
      id: 'SSH-020',
      title: 'AWS Marketplace can reach sshd',
      why: 'The scan of a new version logs in over port 22; a strict firewall in the image makes it fail.',
      source: 'AWS Marketplace self-service scan',
      remedy: 'Listen on port 22, and let the host firewall accept it; the security group is the outer wall.',
      policies: forMarketplace,
      severity: 'medium',
    },
  ],
  evaluate: findSshdIdentityFaults,
};

const EIC_PROGRAMS = [
  '/opt/aws/bin/eic_run_authorized_keys',
  '/usr/share/ec2-instance-connect/eic_run_authorized_keys',
];

async function* findSshdIdentityFaults(context: RuleContext): AsyncIterable<Fault> {
  const sshd = await context.sshd();
  skipUndecidedChecks(context, sshdIdentityRules.checks, sshd);
  if (!sshd) return;
  yield* await listLoginFaults(context, sshd);
  yield* listHostKeyFaults(sshd);
  yield* await listInstanceConnectFaults(context, sshd);
  yield* listKeySourceFaults(sshd);
  for (const entry of expandGlob(context.tree, '/etc/ssh/{sshd_config,sshd_config.d,sshd_config.d/*}')) {
    if (entry.type === 'symlink' || ((entry.mode & 0o022) === 0 && entry.uid === 0)) continue;
    const mode = entry.mode.toString(8).padStart(4, '0');
    yield { check: 'SSH-018', path: entry.path, message: `${entry.path} is ${mode}, owned by ${entry.uid}` };
  }
  yield* await listReachabilityFaults(context, sshd);
}

async function listLoginFaults(context: RuleContext, sshd: SshdView): Promise<readonly Fault[]> {
  const { defaultUser } = await context.cloud();
  const pubkey = sshd.find(
    'pubkeyauthentication',
    defaultUser === undefined ? undefined : await sshd.subject(defaultUser),
  );
  if (pubkey?.from && pubkey.value === 'no') {
    const { file, line } = pubkey.from;
    return [{ check: 'SSH-009', path: file, line, message: 'PubkeyAuthentication is no: no key gets anybody in' }];
  }
  const excluded = defaultUser === undefined ? undefined : await explainExclusion(context, defaultUser);
  return excluded ? [{ check: 'SSH-009', ...excluded }] : [];
}

function* listHostKeyFaults({ directives, version }: SshdView): Iterable<Fault> {
  const types = ['rsa', 'ecdsa', 'ed25519'];
  if (version !== undefined && !isOlder(version, '10.6')) types.push('mldsa44_ed25519');
  for (const { keyword, values, file, line } of directives) {
    const [path = ''] = values;
    if (keyword !== 'hostkey' || types.some((type) => path === `/etc/ssh/ssh_host_${type}_key`)) continue;
    yield { check: 'SSH-010', path: file, line, message: `HostKey ${path} is not one that ssh-keygen -A makes` };
  }
}

async function listInstanceConnectFaults(context: RuleContext, sshd: SshdView): Promise<readonly Fault[]> {
  const program = EIC_PROGRAMS.find((path) => context.tree.resolve(path));
  if (!program) return [];
  const command = sshd.find('authorizedkeyscommand')?.value ?? 'none';
  if (command.includes('eic_run_authorized_keys')) return [];
  // Ubuntu passes the command with -o in a drop-in of its ssh.service.
  const units = await context.units();
  const settings = [...(await units.settingsOf('ssh.service')), ...(await units.settingsOf('sshd.service'))];
  if (settings.some((setting) => setting.value.includes('eic_run_authorized_keys'))) return [];
  return [
    {
      check: 'SSH-016',
      path: '/etc/ssh/sshd_config',
      message: `ec2-instance-connect is installed, but AuthorizedKeysCommand is ${command}`,
    },
  ];
}

function* listKeySourceFaults({ directives }: SshdView): Iterable<Fault> {
  for (const { keyword, values, file, line } of directives) {
    const value = values.join(' ');
    if (!isForeignSource(keyword, value)) continue;
    yield { check: 'SSH-017', path: file, line, message: `${keyword} ${value}: login keys come from here too` };
  }
}

function isForeignSource(keyword: string, value: string): boolean {
  if (value === 'none' || value === '') return false;
  if (keyword === 'authorizedkeyscommand') return !value.includes('eic_run_authorized_keys');
  if (keyword === 'authorizedkeysfile') return !/^(?:(?:%h\/)?\.ssh\/authorized_keys2?\s*)+$/.test(value);
  return (
    keyword === 'trustedusercakeys' ||
    keyword === 'authorizedprincipalsfile' ||
    keyword === 'authorizedprincipalscommand'
  );
}

const LETS_SSH_IN = /^(?=.*--dport 22\b).*ACCEPT|^.*tuple ### (?:allow|limit) (?:any|tcp) 22\b/;

async function listReachabilityFaults(context: RuleContext, sshd: SshdView): Promise<readonly Fault[]> {
  const port = sshd.find('port');
  const faults: Fault[] = [];
  if (port?.from && !port.value.split(' ').includes('22')) {
    const { file, line } = port.from;
    faults.push({ check: 'SSH-020', path: file, line, message: `sshd listens on port ${port.value}, not on 22` });
  }
  const isFirewalled = findLine((await context.readText('/etc/ufw/ufw.conf')) ?? '', /^ENABLED=yes/) !== undefined;
  const userRules = (await context.readText('/etc/ufw/user.rules')) ?? '';
  if (isFirewalled && !findLine(userRules, LETS_SSH_IN)) {
    faults.push({ check: 'SSH-020', path: '/etc/ufw/ufw.conf', message: 'ufw is on and does not let port 22 in' });
  }
  return faults;
}
