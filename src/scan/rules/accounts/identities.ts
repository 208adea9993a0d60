import { isLoginShell } from '../../parse/passwd.js';
import type { RuleContext } from '../context.js';
import { type Fault, forCis, inEveryPolicy, type RuleGroup, whenPublished } from '../rule.js';
import { explainExclusion } from '../sshd/exclusion.js';
import { listInteractiveUsers } from '../views/accounts.js';

/** Who is in the account files: one root, one login user, nobody twice. */
export const identityRules: RuleGroup = {
  checks: [
    {
      id: 'ACC-005',
      title: 'Only root has uid 0',
      why: 'A second account with uid 0 is root under a name that nobody looks for.',
      source: 'CIS; lynis AUTH-9204',
      remedy: 'Find out where it comes from, then userdel -f -r USER.',
      policies: inEveryPolicy,
      severity: 'critical',
    },
    {
      id: 'ACC-006',
      title: 'The default login user can log in',
      why: 'An image that its buyer cannot enter is refused, and useless.',
      source: 'AWS Marketplace AMI policy (access with full privileges)',
      remedy: 'Name the user in system_info.default_user of cloud.cfg, give it a shell, and let sshd accept it.',
      policies: inEveryPolicy,
      severity: 'high',
    },
    {
      id: 'ACC-007',
      title: 'No further account can log in',
      why: 'Whoever holds the key or password of a leftover account can enter every instance.',
      source: 'AWS Marketplace AMI policy (adding other SSH users is not recommended)',
      remedy: 'Delete the account, or usermod -L -s /usr/sbin/nologin USER.',
      policies: whenPublished,
      severity: 'medium',
    },
    {
      id: 'ACC-013',
      title: 'No name, uid or gid is there twice',
      why: 'Two accounts with one uid are one account: what the one may, the other may.',
      source: 'lynis AUTH-9208, AUTH-9222; CIS',
      remedy: 'Give one of them another number and chown its files.',
      policies: forCis,
      severity: 'medium',
    },
  ],
  evaluate: findIdentityFaults,
};

async function* findIdentityFaults(context: RuleContext): AsyncIterable<Fault> {
  const accounts = await context.accounts();
  const { defaultUser } = await context.cloud();
  for (const { name, uid, line } of accounts.users) {
    if (uid === 0 && name !== 'root') {
      yield { check: 'ACC-005', path: '/etc/passwd', line, message: `Account ${name} has uid 0` };
    }
  }
  yield* await listDefaultUserFaults(context);
  for (const { name, line } of listInteractiveUsers(accounts)) {
    if (name === defaultUser) continue;
    yield {
      check: 'ACC-007',
      path: '/etc/passwd',
      line,
      message: `Account ${name} has a shell and is not the default user`,
    };
  }
  yield* listDuplicates(
    '/etc/passwd',
    'name',
    accounts.users.map((each) => ({ key: each.name, line: each.line })),
  );
  yield* listDuplicates(
    '/etc/passwd',
    'uid',
    accounts.users.map((each) => ({ key: String(each.uid), line: each.line })),
  );
  yield* listDuplicates(
    '/etc/group',
    'name',
    accounts.groups.map((each) => ({ key: each.name, line: each.line })),
  );
  yield* listDuplicates(
    '/etc/group',
    'gid',
    accounts.groups.map((each) => ({ key: String(each.gid), line: each.line })),
  );
}

async function listDefaultUserFaults(context: RuleContext): Promise<readonly Fault[]> {
  const cloud = await context.cloud();
  if (!cloud.isInstalled) return [];
  const name = cloud.defaultUser;
  if (name === undefined) {
    return [
      {
        check: 'ACC-006',
        path: '/etc/cloud/cloud.cfg',
        message: 'cloud.cfg names no default user (system_info.default_user.name)',
      },
    ];
  }
  // Mostly it is not there yet: cloud-init creates it at first boot.
  const user = (await context.accounts()).findUser(name);
  if (user && !isLoginShell(user.shell)) {
    return [
      {
        check: 'ACC-006',
        path: '/etc/passwd',
        line: user.line,
        message: `The default user ${name} has the shell ${user.shell}`,
      },
    ];
  }
  const excluded = await explainExclusion(context, name);
  return excluded ? [{ check: 'ACC-006', ...excluded }] : [];
}

function* listDuplicates(
  path: string,
  field: string,
  entries: readonly { readonly key: string; readonly line: number }[],
): Iterable<Fault> {
  const first = new Map<string, number>();
  for (const { key, line } of entries) {
    const before = first.get(key);
    if (before === undefined) first.set(key, line);
    else yield { check: 'ACC-013', path, line, message: `The ${field} ${key} is there already in line ${before}` };
  }
}
