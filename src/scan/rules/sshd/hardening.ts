import type { Check } from '../../finding.js';
import { listLines } from '../../parse/lines.js';
import type { RuleContext } from '../context.js';
import { type Fault, forCis, inEveryPolicy, type RuleGroup } from '../rule.js';
import { type SshdView, skipUndecidedChecks } from '../views/sshd.js';

interface Requirement {
  readonly check: string;
  /** How sshd_config spells the keyword. */
  readonly name: string;
  readonly passes: (value: string) => boolean;
  readonly wanted: string;
}

function check(row: Omit<Check, 'policies' | 'severity'> & Partial<Check>): Check {
  return { policies: forCis, severity: 'low', ...row };
}

/** What makes sshd quieter and stricter, without keeping anybody out. */
export const sshdHardeningRules: RuleGroup = {
  checks: [
    check({
      id: 'SSH-008',
      title: 'sshd looks no names up',
      why: 'A reverse lookup that hangs makes every login wait; and names of clients prove nothing.',
      source: 'AWS shared AMI guidelines; dev-sec sshd',
      remedy: 'UseDNS no in /etc/ssh/sshd_config.d/00-buildimg.conf.',
      policies: inEveryPolicy,
    }),
    check({
      id: 'SSH-011',
      title: 'sshd trusts nothing from the client or its host',
      why: 'Environment, rhosts and loose home folders each let one account become another.',
      source: 'CIS; dev-sec sshd',
      remedy: 'PermitUserEnvironment no, HostbasedAuthentication no, IgnoreRhosts yes, StrictModes yes.',
      severity: 'medium',
    }),
    check({
      id: 'SSH-012',
      title: 'sshd forwards no X11',
      why: 'A server has no display; a forwarded one lets the server reach back into the client.',
      source: 'CIS; lynis SSH-7408',
      remedy: 'X11Forwarding no in /etc/ssh/sshd_config.d/00-buildimg.conf.',
    }),
    check({
      id: 'SSH-013',
      title: 'sshd limits attempts and their time',
      why: 'Each open, unauthenticated connection costs the server, and each attempt is a guess.',
      source: 'CIS',
      remedy: 'MaxAuthTries 4, LoginGraceTime 60. MaxAuthTries 2 would break agents with many keys.',
    }),
    check({
      id: 'SSH-021',
      title: 'sshd limits idle, flooding and many sessions, and logs logins',
      why: 'What nobody uses any more stays a way in, and a flood keeps the owner out.',
      source: 'CIS',
      remedy: 'ClientAliveInterval 300, ClientAliveCountMax 3, MaxStartups 10:30:60, MaxSessions 10, LogLevel VERBOSE.',
    }),
    check({
      id: 'SSH-014',
      title: 'sshd offers no weak cryptography',
      why: 'CBC ciphers, SHA-1 and 64-bit MACs have known attacks; NIST curves are what ssh-audit fails a stock server for.',
      source: 'CIS; ssh-audit',
      remedy:
        'Set Ciphers, MACs and KexAlgorithms (Red Hat family: update-crypto-policies). Keep rsa-sha2: EC2 key pairs may be RSA.',
    }),
    check({
      id: 'SSH-015',
      title: 'sshd forwards no TCP',
      why: 'A login becomes a way into the network behind. But SSM tunnels and ssh -L need it, so it is a choice.',
      source: 'dev-sec sshd',
      remedy: 'AllowTcpForwarding no, where nobody tunnels.',
      severity: 'info',
    }),
    check({
      id: 'SSH-022',
      title: 'sshd forwards no agents',
      why: 'Root of this machine can use the keys of everybody who forwards an agent to it. But bastions need it.',
      source: 'dev-sec sshd',
      remedy: 'AllowAgentForwarding no, where nobody goes on from here.',
      severity: 'info',
    }),
    check({
      id: 'SSH-019',
      title: 'Diffie-Hellman groups are 3072 bits or more',
      why: 'Groups of 2048 bits and less are within reach of a state, and common to all machines.',
      source: 'dev-sec sshd; ssh-audit',
      remedy: "awk '$5 >= 3071' /etc/ssh/moduli > /etc/ssh/moduli.safe && mv /etc/ssh/moduli.safe /etc/ssh/moduli",
    }),
  ],
  evaluate: findSshdHardeningFaults,
};

const REQUIREMENTS: readonly Requirement[] = [
  { check: 'SSH-008', name: 'UseDNS', passes: is('no'), wanted: 'no' },
  { check: 'SSH-011', name: 'PermitUserEnvironment', passes: is('no'), wanted: 'no' },
  { check: 'SSH-011', name: 'HostbasedAuthentication', passes: is('no'), wanted: 'no' },
  { check: 'SSH-011', name: 'IgnoreRhosts', passes: is('yes'), wanted: 'yes' },
  { check: 'SSH-011', name: 'StrictModes', passes: is('yes'), wanted: 'yes' },
  { check: 'SSH-012', name: 'X11Forwarding', passes: is('no'), wanted: 'no' },
  { check: 'SSH-013', name: 'MaxAuthTries', passes: isBetween(1, 4), wanted: 'at most 4' },
  { check: 'SSH-013', name: 'LoginGraceTime', passes: isBetween(1, 60), wanted: '1 to 60 seconds' },
  { check: 'SSH-021', name: 'ClientAliveInterval', passes: isBetween(1, 900), wanted: '1 to 900 seconds' },
  { check: 'SSH-021', name: 'ClientAliveCountMax', passes: isBetween(1, 5), wanted: '1 to 5' },
  { check: 'SSH-021', name: 'MaxSessions', passes: isBetween(1, 10), wanted: 'at most 10' },
  { check: 'SSH-021', name: 'MaxStartups', passes: isThrottled, wanted: '10:30:60 or less' },
  {
    check: 'SSH-021',
    name: 'LogLevel',
    passes: (value) => /^(?:INFO|VERBOSE)$/.test(value),
    wanted: 'INFO or VERBOSE',
  },
  { check: 'SSH-015', name: 'AllowTcpForwarding', passes: is('no'), wanted: 'no' },
  { check: 'SSH-022', name: 'AllowAgentForwarding', passes: is('no'), wanted: 'no' },
];

const WEAK_ALGORITHMS =
  /-cbc\b|3des|arcfour|hmac-(?:sha1|md5|ripemd)|umac-64|group1-|group14-sha1|group-exchange-sha1|nistp/;

async function* findSshdHardeningFaults(context: RuleContext): AsyncIterable<Fault> {
  const sshd = await context.sshd();
  skipUndecidedChecks(context, sshdHardeningRules.checks, sshd);
  if (!sshd) return;
  for (const { check: id, name, passes, wanted } of REQUIREMENTS) {
    const found = sshd.find(name.toLowerCase());
    if (!found || passes(found.value)) continue;
    const path = found.from?.file ?? '/etc/ssh/sshd_config';
    const origin = found.from ? '' : ' by default';
    yield {
      check: id,
      path,
      line: found.from?.line,
      message: `${name} is ${found.value}${origin}; ${wanted} is right`,
    };
  }
  const { family } = await context.osRelease();
  // On the Red Hat family crypto-policies give the lists, and they leave the weak ones out.
  yield* listAlgorithmFaults(sshd, { hasCryptoPolicies: family === 'redhat' });
  yield* await listModuliFaults(context);
}

function* listAlgorithmFaults(sshd: SshdView, { hasCryptoPolicies }: { hasCryptoPolicies: boolean }): Iterable<Fault> {
  for (const name of ['Ciphers', 'MACs', 'KexAlgorithms']) {
    const found = sshd.find(name.toLowerCase());
    // A list that starts with + or - changes the default list, and that one has weak members.
    const isChange = /^[+^]/.test(found?.value ?? '');
    const weak = found?.value.startsWith('-')
      ? []
      : (found?.value ?? '').split(',').filter((each) => WEAK_ALGORITHMS.test(each));
    if (weak.length > 0) {
      yield {
        check: 'SSH-014',
        path: found?.from?.file,
        line: found?.from?.line,
        message: `${name} offers ${weak.join(', ')}`,
      };
    } else if ((!found || isChange) && !hasCryptoPolicies) {
      yield {
        check: 'SSH-014',
        path: '/etc/ssh/sshd_config',
        message: `${name} is not set, and the default has weak members`,
      };
    }
  }
}

async function listModuliFaults(context: RuleContext): Promise<readonly Fault[]> {
  const groups = [...listLines((await context.readText('/etc/ssh/moduli')) ?? '')].filter(({ text }) =>
    isSmallGroup(text),
  );
  const [first] = groups;
  if (first === undefined) return [];
  const message = `${groups.length} groups have fewer than 3072 bits`;
  return [{ check: 'SSH-019', path: '/etc/ssh/moduli', line: first.line, message }];
}

/** Column 5 of moduli(5): the size in bits, less one. */
function isSmallGroup(line: string): boolean {
  return /^\d/.test(line) && Number(line.split(/\s+/)[4]) < 3071;
}

function is(wanted: string): (value: string) => boolean {
  return (value) => value === wanted;
}

function isBetween(least: number, most: number): (value: string) => boolean {
  return (value) => Number(value) >= least && Number(value) <= most;
}

function isThrottled(value: string): boolean {
  const [start = 0, , full = start] = value.split(':').map(Number);
  return start <= 10 && full <= 60;
}
