import { isSudoersDropIn, parseSudoers, type Sudoers, type SudoRule } from '../../parse/sudoers.js';
import type { RuleContext } from '../context.js';
import { type Fault, inEveryPolicy, type RuleGroup } from '../rule.js';

/** sudo: the default user of cloud-init needs it without a password; nobody else does. */
export const sudoRules: RuleGroup = {
  checks: [
    {
      id: 'ACC-008',
      title: 'Nobody but the default user has sudo without a password',
      why: 'A program that takes over such an account is root at once. The default user has no password, so it needs the exception.',
      source: 'CIS; EC2 Image Builder clean-up',
      remedy:
        'Remove the rule; rm -f /etc/sudoers.d/90-cloud-init-users when sealing (cloud-init writes it again at boot).',
      policies: inEveryPolicy,
      severity: 'medium',
    },
    {
      id: 'ACC-009',
      title: 'sudoers files are root:root and 0440',
      why: 'Who can write them is root. sudo refuses to work where others may.',
      source: 'CIS',
      remedy:
        'chown root:root and chmod 0440 the file, then visudo -c. A name with a dot or ~ is ignored by sudo: rename it.',
      policies: inEveryPolicy,
      severity: 'medium',
    },
  ],
  evaluate: findSudoFaults,
};

/** Groups whose password-protected sudo is what distributions ship; nobody in them has a password. */
const STOCK_SUBJECTS = new Set(['root', '%sudo', '%wheel', '%admin', '%root', '#0']);

async function* findSudoFaults(context: RuleContext): AsyncIterable<Fault> {
  const { defaultUser } = await context.cloud();
  for (const { path, content } of await readAllSudoers(context)) {
    for (const rule of content.rules) yield* listRuleFaults(rule, defaultUser);
    for (const { line } of content.withoutAuthentication) {
      yield { check: 'ACC-008', path, line, message: 'Defaults !authenticate: sudo asks nobody for a password' };
    }
    yield* listFileFaults(context, path);
  }
  for (const entry of context.tree.list('/etc/sudoers.d')) {
    const name = entry.path.slice(entry.path.lastIndexOf('/') + 1);
    if (isSudoersDropIn(name) || name.startsWith('.')) continue;
    yield {
      check: 'ACC-009',
      severity: 'low',
      path: entry.path,
      message: `sudo ignores ${entry.path}: its name contains a dot or ends in ~`,
    };
  }
}

function* listRuleFaults(rule: SudoRule, defaultUser: string | undefined): Iterable<Fault> {
  for (const subject of rule.subjects) {
    if (subject === defaultUser || subject === 'root') continue;
    const place = { check: 'ACC-008', path: rule.file, line: rule.line };
    if (rule.hasNopasswd) yield { ...place, message: `${subject} has sudo without a password` };
    else if (rule.allowsEverything && !STOCK_SUBJECTS.has(subject))
      yield { ...place, message: `${subject} may run everything as root` };
  }
}

function* listFileFaults({ tree }: RuleContext, path: string): Iterable<Fault> {
  const entry = tree.resolve(path);
  if (!entry) return;
  const isWritable = (entry.mode & 0o022) !== 0 || (entry.mode & 0o007) !== 0;
  if (!isWritable && entry.uid === 0 && entry.gid === 0) return;
  const mode = entry.mode.toString(8).padStart(4, '0');
  // Readable by everybody is untidy; writable by somebody else is root for the asking.
  const severity = (entry.mode & 0o022) !== 0 || entry.uid !== 0 ? 'high' : 'medium';
  yield {
    check: 'ACC-009',
    severity,
    path,
    message: `${path} is ${mode}, owned by ${entry.uid}:${entry.gid}; 0440 and 0:0 is right`,
  };
}

/** /etc/sudoers and what it includes, each file once. */
export async function readAllSudoers(
  context: RuleContext,
): Promise<readonly { readonly path: string; readonly content: Sudoers }[]> {
  const read = new Map<string, Sudoers>();
  const pending = ['/etc/sudoers'];
  for (let path = pending.shift(); path !== undefined; path = pending.shift()) {
    const text = read.has(path) ? undefined : await context.readText(path);
    if (text === undefined) continue;
    const content = parseSudoers(text, path);
    read.set(path, content);
    for (const include of content.includes) {
      const target = include.path.startsWith('/') ? include.path : `/etc/${include.path}`;
      pending.push(...(include.directory ? listDropIns(context, target) : [target]));
    }
  }
  return [...read].map(([path, content]) => ({ path, content }));
}

function listDropIns({ tree }: RuleContext, folder: string): readonly string[] {
  const paths = tree.list(folder).map((entry) => entry.path);
  return paths.filter((path) => isSudoersDropIn(path.slice(path.lastIndexOf('/') + 1)));
}
