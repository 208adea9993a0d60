import type { SshdDirective } from '../../parse/sshd-config.js';
import type { SshdValue } from '../../parse/sshd-effective.js';
import type { RuleContext } from '../context.js';
import { listAuthorizedKeyFiles } from '../keys/authorized-key-files.js';
import { type Fault, inEveryPolicy, type RuleGroup, whenPublished } from '../rule.js';
import { type SshdView, skipUndecidedChecks } from '../views/sshd.js';

/** What decides who gets in; SSH-005 and SSH-006 look at the same values in other places. */
interface AccessRequirement {
  readonly check: string;
  readonly keyword: string;
  /** How sshd_config spells the keyword. */
  readonly name: string;
  readonly passes: (value: string) => boolean;
  readonly wanted: string;
}

const accessRequirements: readonly AccessRequirement[] = [
  {
    check: 'SSH-001',
    keyword: 'permitrootlogin',
    name: 'PermitRootLogin',
    passes: (value) => value === 'no',
    wanted: 'no',
  },
  {
    check: 'SSH-002',
    keyword: 'passwordauthentication',
    name: 'PasswordAuthentication',
    passes: (value) => value === 'no',
    wanted: 'no',
  },
  {
    check: 'SSH-003',
    keyword: 'kbdinteractiveauthentication',
    name: 'KbdInteractiveAuthentication',
    passes: (value) => value === 'no',
    wanted: 'no',
  },
  {
    check: 'SSH-004',
    keyword: 'permitemptypasswords',
    name: 'PermitEmptyPasswords',
    passes: (value) => value === 'no',
    wanted: 'no',
  },
];

/** Root, passwords and the back doors to passwords. */
export const accessRules: RuleGroup = {
  checks: [
    {
      id: 'SSH-001',
      title: 'root cannot log in over SSH',
      why: 'Every scan of the internet tries root first; administration goes through a named user and sudo.',
      source: 'AWS shared AMI guidelines; AWS Marketplace AMI policy; CIS; dev-sec sshd',
      remedy: 'PermitRootLogin no in /etc/ssh/sshd_config.d/00-buildimg.conf: the first value that sshd reads wins.',
      policies: inEveryPolicy,
      severity: 'high',
    },
    {
      id: 'SSH-002',
      title: 'sshd takes no passwords',
      why: 'Passwords are guessed. The default of sshd is yes, so not setting it fails as well.',
      source: 'AWS shared AMI guidelines; AWS Marketplace AMI policy; CIS',
      remedy: 'PasswordAuthentication no in /etc/ssh/sshd_config.d/00-buildimg.conf.',
      policies: inEveryPolicy,
      severity: 'high',
      severityIn: { shared: 'critical', marketplace: 'critical' },
    },
    {
      id: 'SSH-003',
      title: 'sshd asks nothing at the keyboard',
      why: 'Passwords come back through this door: PAM asks for one here.',
      source: 'dev-sec sshd',
      remedy:
        'KbdInteractiveAuthentication no (ChallengeResponseAuthentication before OpenSSH 8.7), or AuthenticationMethods publickey.',
      policies: inEveryPolicy,
      severity: 'high',
    },
    {
      id: 'SSH-004',
      title: 'sshd refuses empty passwords',
      why: 'An account with an empty password would be open to the network.',
      source: 'CIS',
      remedy: 'PermitEmptyPasswords no in /etc/ssh/sshd_config.d/00-buildimg.conf.',
      policies: inEveryPolicy,
      severity: 'critical',
    },
    {
      id: 'SSH-005',
      title: 'No Match block opens again what is closed',
      why: 'A value in a Match block wins over the global one for whom it matches.',
      source: 'buildimg (tried: a global no does not stop Match User … PasswordAuthentication yes)',
      remedy: 'Remove the line from the Match block.',
      policies: ['baseline', ...whenPublished],
      severity: 'high',
    },
    {
      id: 'SSH-006',
      title: 'No hardening of sshd comes too late',
      why: 'The first value wins: a 99-hardening.conf loses to a 50-cloud-init.conf, and does nothing.',
      source: 'buildimg (tried)',
      remedy: 'Rename the file to 00-….conf.',
      policies: inEveryPolicy,
      severity: 'medium',
    },
  ],
  evaluate: findAccessFaults,
};

async function* findAccessFaults(context: RuleContext): AsyncIterable<Fault> {
  const sshd = await context.sshd();
  skipUndecidedChecks(context, accessRules.checks, sshd);
  if (!sshd) return;
  for (const requirement of accessRequirements) {
    const found = sshd.find(requirement.keyword);
    if (found && !requirement.passes(found.value) && !(await isTolerated(context, { sshd, requirement, found }))) {
      yield { check: requirement.check, ...explain(requirement, found) };
    }
  }
  yield* listMatchFaults(sshd);
  yield* listLateFaults(sshd);
}

async function isTolerated(
  context: RuleContext,
  { sshd, requirement, found }: { sshd: SshdView; requirement: AccessRequirement; found: SshdValue },
): Promise<boolean> {
  if (requirement.check === 'SSH-001') {
    // Key-only root is as good as none while there is no key; CIS wants it off all the same.
    const isKeyOnly = /^(?:prohibit-password|forced-commands-only)$/.test(found.value);
    if (!isKeyOnly || context.policy === 'cis-l1') return false;
    const keyFiles = await listAuthorizedKeyFiles(context);
    return !keyFiles.some((file) => file.user === 'root' && file.keys.length > 0);
  }
  if (requirement.check !== 'SSH-003') return false;
  const methods = sshd.find('authenticationmethods')?.value ?? 'any';
  return sshd.find('usepam')?.value === 'no' || methods === 'publickey';
}

function explain({ name, wanted }: AccessRequirement, { value, from }: SshdValue): Omit<Fault, 'check'> {
  if (!from)
    return {
      path: '/etc/ssh/sshd_config',
      message: `${name} is not set, and the default is ${value}; ${wanted} is right`,
    };
  return {
    path: from.file,
    line: from.line,
    message: `${name} is ${value}: ${from.file} wins, as sshd takes the first value`,
  };
}

function* listMatchFaults({ directives }: SshdView): Iterable<Fault> {
  for (const { keyword, values, conditions, file, line } of directives) {
    const requirement = accessRequirements.find((each) => each.keyword === keyword);
    const match = conditions.at(-1);
    const value = values.join(' ').toLowerCase();
    if (!requirement || !match || requirement.passes(value)) continue;
    yield { check: 'SSH-005', path: file, line, message: `${requirement.name} ${value} for "Match ${match.text}"` };
  }
}

/** A line that would pass, after one that does not: somebody meant to close it. */
function* listLateFaults({ directives }: SshdView): Iterable<Fault> {
  for (const { keyword, name, passes } of accessRequirements) {
    const [first, ...others] = directives.filter((each) => each.keyword === keyword && each.conditions.length === 0);
    if (!first || passes(wordOf(first))) continue;
    const late = others.find((each) => passes(wordOf(each)));
    if (late) yield { check: 'SSH-006', path: late.file, line: late.line, message: explainLate(name, { late, first }) };
  }
}

function explainLate(name: string, { late, first }: { late: SshdDirective; first: SshdDirective }): string {
  const winner = `${first.file}:${first.line}`;
  return `${name} ${wordOf(late)} in ${late.file} has no effect: ${winner} is read before it and says ${wordOf(first)}`;
}

function wordOf(directive: SshdDirective): string {
  return directive.values.join(' ').toLowerCase();
}
