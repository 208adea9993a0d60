import { parseShadow } from '../../parse/shadow.js';
import type { RuleContext } from '../context.js';
import { expandGlob } from '../glob.js';
import { type Fault, inEveryPolicy, type RuleGroup, whenPublished } from '../rule.js';

/** Passwords: none may be there, not even hashed and locked; an account is closed with `!*`. */
export const passwordRules: RuleGroup = {
  checks: [
    {
      id: 'ACC-001',
      title: 'No account has an empty password',
      why: 'su and the console let anybody in without a password, even where sshd refuses empty ones.',
      source: 'AWS Marketplace AMI policy (null and blank passwords are not allowed); lynis AUTH-9283',
      remedy: "Run usermod -p '!*' USER. Never passwd -d: it is what makes the password empty.",
      policies: inEveryPolicy,
      severity: 'critical',
    },
    {
      id: 'ACC-002',
      title: 'No account has a password',
      why: 'Every instance would share a password that the publisher of the image knows.',
      source: 'AWS Marketplace AMI policy (no passwords, hashed ones included)',
      remedy: "Run usermod -p '!*' USER, and remove copies of /etc/shadow.",
      policies: inEveryPolicy,
      severity: 'critical',
      severityIn: { 'cis-l1': 'high' },
    },
    {
      id: 'ACC-003',
      title: 'No locked account still carries a hash',
      why: 'passwd -l only puts ! before the hash: it can be cracked offline, and passwd -u brings the password back.',
      source: 'AWS Marketplace AMI policy (no passwords, hashed ones included)',
      remedy: "Run usermod -p '!*' USER.",
      policies: ['baseline', ...whenPublished],
      severity: 'high',
      severityIn: { baseline: 'low' },
    },
    {
      id: 'ACC-004',
      title: 'root is locked',
      why: 'Administration goes through a named user and sudo; a root password is a way in that nobody watches.',
      source: 'AWS shared AMI guidelines (disable local root access)',
      remedy: "Run usermod -p '!*' root. sudo is not affected.",
      policies: inEveryPolicy,
      severity: 'high',
    },
    {
      id: 'ACC-010',
      title: 'No stale copy of the account files',
      why: 'shadow- and the backups of cron.daily hold the hashes from before the last change.',
      source: 'virt-sysprep passwd-backups',
      remedy: 'Remove /etc/passwd-, /etc/shadow- and their like, and the copies in /var/backups.',
      policies: ['baseline', ...whenPublished],
      severity: 'medium',
    },
  ],
  evaluate: findPasswordFaults,
};

async function* findPasswordFaults(context: RuleContext): AsyncIterable<Fault> {
  yield* await listPasswdFaults(context);
  for (const path of ['/etc/shadow', '/etc/security/opasswd', '/etc/opasswd', ...listBackups(context)]) {
    yield* await listShadowFaults(context, path);
  }
  for (const path of listBackups(context)) {
    yield { check: 'ACC-010', path, message: `${path} is an old copy of an account file` };
  }
  const { shadow } = await context.accounts();
  const root = shadow.find((entry) => entry.name === 'root');
  if (root && root.state !== 'locked') {
    yield {
      check: 'ACC-004',
      path: '/etc/shadow',
      line: root.line,
      message: `root is not locked (${describe(root.state)})`,
    };
  }
}

async function listPasswdFaults(context: RuleContext): Promise<readonly Fault[]> {
  const { users, shadow } = await context.accounts();
  return users.flatMap(({ name, password, line }): readonly Fault[] => {
    const place = { path: '/etc/passwd', line };
    if (password === '') return [{ check: 'ACC-001', ...place, message: `Account ${name} has an empty password` }];
    if (password.length >= 13)
      return [{ check: 'ACC-002', ...place, message: `Account ${name} has its hash in a file that everybody reads` }];
    const isShadowed = password !== 'x' || shadow.length === 0 || shadow.some((entry) => entry.name === name);
    return isShadowed
      ? []
      : [{ check: 'ACC-001', ...place, severity: 'low', message: `Account ${name} has no line in /etc/shadow` }];
  });
}

async function listShadowFaults(context: RuleContext, path: string): Promise<readonly Fault[]> {
  const text = await context.readText(path);
  if (text === undefined || path.includes('passwd-') || path.includes('group')) return [];
  return parseShadow(text).flatMap(({ name, state, line }): readonly Fault[] => {
    const place = { path, line };
    if (state === 'usable') return [{ check: 'ACC-002', ...place, message: `Account ${name} has a password` }];
    if (state === 'locked-hash') {
      return [{ check: 'ACC-003', ...place, message: `Account ${name} is locked, but its hash is still there` }];
    }
    // An empty field in a backup opens nothing.
    const isOpen = state === 'empty' && path === '/etc/shadow';
    return isOpen ? [{ check: 'ACC-001', ...place, message: `Account ${name} has an empty password` }] : [];
  });
}

function listBackups({ tree }: RuleContext): readonly string[] {
  const patterns = [
    '/etc/{passwd,shadow,group,gshadow,subuid,subgid}-',
    '/var/backups/{passwd,shadow,group,gshadow}.bak*',
  ];
  return patterns.flatMap((pattern) => expandGlob(tree, pattern)).map((entry) => entry.path);
}

function describe(state: 'empty' | 'usable' | 'locked-hash'): string {
  return { empty: 'its password is empty', usable: 'it has a password', 'locked-hash': 'its hash is still there' }[
    state
  ];
}
