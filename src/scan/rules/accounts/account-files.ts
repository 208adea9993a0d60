import { findLast, parseSpaced } from '../../parse/key-values.js';
import type { RuleContext } from '../context.js';
import { expandGlob } from '../glob.js';
import { type Fault, forCis, inEveryPolicy, type RuleGroup, whenPublished } from '../rule.js';

/** The account files themselves, and credentials of directories that the machine had joined. */
export const accountFileRules: RuleGroup = {
  checks: [
    {
      id: 'ACC-011',
      title: 'Account files have the modes that the distribution gives them',
      why: 'A shadow file that others can read is a hash for everybody; one that others can write is root.',
      source: 'CIS; dev-sec os-02, os-03',
      remedy:
        'Debian: chmod 0640 and chgrp shadow (unix_chkpwd reads it as group). Red Hat family: chmod 0000. passwd and group: 0644.',
      policies: inEveryPolicy,
      severity: 'high',
    },
    {
      id: 'ACC-012',
      title: 'New passwords are hashed with yescrypt or SHA-512',
      why: 'Weaker hashes are cracked at millions of guesses a second.',
      source: 'lynis AUTH-9229; CIS',
      remedy: 'Set ENCRYPT_METHOD YESCRYPT (or SHA512) in /etc/login.defs.',
      policies: forCis,
      severity: 'low',
    },
    {
      id: 'ACC-015',
      title: 'No credentials of a directory service',
      why: 'A keytab or a cache of sssd speaks for the machine, and for people, in somebody’s domain.',
      source: 'virt-sysprep kerberos-hostkeytab, sssd-db-log',
      remedy: 'Leave the domain (realm leave), then remove the file.',
      policies: ['baseline', ...whenPublished],
      severity: 'high',
    },
  ],
  evaluate: findAccountFileFaults,
};

async function* findAccountFileFaults(context: RuleContext): AsyncIterable<Fault> {
  yield* listModeFaults(context);
  const loginDefs = await context.readText('/etc/login.defs');
  const method = findLast(parseSpaced(loginDefs ?? ''), 'ENCRYPT_METHOD');
  if (loginDefs !== undefined && !/^(?:YESCRYPT|GOST_YESCRYPT|SHA512|BCRYPT)$/i.test(method?.value ?? 'DES')) {
    const message = `ENCRYPT_METHOD is ${method?.value ?? 'not set, so DES'}`;
    yield { check: 'ACC-012', path: '/etc/login.defs', line: method?.line, message };
  }
  const patterns = [
    '/etc/krb5.keytab',
    '/var/lib/sss/db/*.ldb',
    '/var/lib/{krb5*,heimdal-kdc}/*',
    '/var/lib/samba/private/*.tdb',
    '/var/cache/.security.db',
  ];
  for (const entry of patterns.flatMap((pattern) => expandGlob(context.tree, pattern))) {
    if (entry.type === 'file' && entry.size > 0) {
      yield { check: 'ACC-015', path: entry.path, message: `${entry.path} holds credentials of a directory service` };
    }
  }
}

function* listModeFaults({ tree }: RuleContext): Iterable<Fault> {
  // The strictest mode that works differs by distribution; anything that gives less is fine.
  const limits = [
    { paths: ['/etc/shadow', '/etc/gshadow'], allowed: 0o640 },
    { paths: ['/etc/passwd', '/etc/group'], allowed: 0o644 },
  ];
  for (const { paths, allowed } of limits) {
    for (const path of paths) {
      const entry = tree.resolve(path);
      if (!entry || ((entry.mode & ~allowed) === 0 && entry.uid === 0)) continue;
      const mode = entry.mode.toString(8).padStart(4, '0');
      yield {
        check: 'ACC-011',
        path,
        message: `${path} is ${mode}, owned by ${entry.uid}; at most 0${allowed.toString(8)} and root is right`,
      };
    }
  }
}
