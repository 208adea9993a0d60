import type { FileEntry } from '../../tree/file-tree.js';
import type { RuleContext } from '../context.js';
import { walk } from '../glob.js';
import { type Leftover, listLeftovers } from '../leftovers.js';
import { type Fault, inEveryPolicy, type RuleGroup } from '../rule.js';

/** Logs: the folders and owners stay, the content goes. */
export const logRules: RuleGroup = {
  checks: [
    {
      id: 'SEAL-002',
      title: 'System logs are empty',
      why: 'Logs of the build name machines, people and addresses, and confuse who reads those of the instance.',
      source: 'AWS Marketplace; AWS shared AMI guidelines',
      remedy:
        "Stop rsyslog and auditd, delete rotated files, truncate the rest: find /var/log -xdev -type f -exec truncate -s 0 '{}' +. Keep folders: daemons do not make them again.",
      policies: inEveryPolicy,
      severity: 'medium',
    },
    {
      id: 'SEAL-003',
      title: 'The journal is empty',
      why: 'It holds all that services printed in the build.',
      source: 'EC2 Image Builder clean-up',
      remedy:
        'journalctl --rotate; journalctl --vacuum-time=1s; rm -rf /var/log/journal/*. Keep the folder: it makes the journal persistent.',
      policies: inEveryPolicy,
      severity: 'medium',
    },
    {
      id: 'SEAL-004',
      title: 'Login records are empty',
      why: 'They say who logged in to the build machine, and from where.',
      source: 'virt-sysprep utmp; image-builder',
      remedy: 'truncate -s 0 the file.',
      policies: inEveryPolicy,
      severity: 'low',
    },
    {
      id: 'SEAL-006',
      title: 'Logs of cloud-init are gone',
      why: 'Passwords that cloud-init made at random are printed there.',
      source: 'image-builder',
      remedy: 'cloud-init clean --logs',
      policies: inEveryPolicy,
      severity: 'low',
    },
  ],
  evaluate: findLogFaults,
};

const LOGIN_RECORDS = /^\/var\/log\/(?:wtmp|btmp|lastlog|faillog|tallylog)(?:[.-]\d+)?(?:\.gz)?$/;
/** Reported by checks of their own. */
const ELSEWHERE = /^\/var\/log\/(?:journal|anaconda|installer|amazon\/ssm)\//;

const LEFTOVERS: readonly Leftover[] = [
  { check: 'SEAL-003', paths: ['/var/log/journal/*/*', '/run/log/journal/*/*'], what: 'a journal of the build' },
  {
    check: 'SEAL-004',
    paths: [
      '/var/lib/wtmpdb/wtmp.db',
      '/var/lib/lastlog/lastlog2.db',
      '/run/faillock/*',
      '/var/run/faillock/*',
      '/var/lib/sudo/ts/*',
      '/var/lib/sudo/lectured/*',
    ],
    what: 'a record of logins',
  },
];

async function* findLogFaults(context: RuleContext): AsyncIterable<Fault> {
  for (const entry of walk(context.tree, '/var/log')) {
    const check = findLogCheck(entry);
    if (check) yield { check, path: entry.path, message: `${entry.path} has ${entry.size} bytes from the build` };
  }
  yield* listLeftovers(context, LEFTOVERS);
}

function findLogCheck({ path, type, size }: FileEntry): string | undefined {
  if (type !== 'file' || ELSEWHERE.test(path) || path.endsWith('/README')) return undefined;
  const isRotated = /(?:\.gz|\.xz|\.zst|\.\d+|-\d{8}|\.old)$/.test(path);
  if (size === 0 && !isRotated) return undefined;
  if (LOGIN_RECORDS.test(path)) return 'SEAL-004';
  return path.startsWith('/var/log/cloud-init') ? 'SEAL-006' : 'SEAL-002';
}
