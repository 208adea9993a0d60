import type { Check } from '../../finding.js';
import { parseSshdConfig, type SshdDirective, type SshdMatch } from '../../parse/sshd-config.js';
import { supportsInclude } from '../../parse/sshd-defaults.js';
import { findSshdValue, type SshdSubject, type SshdValue } from '../../parse/sshd-effective.js';
import type { RuleContext } from '../context.js';
import { expandGlob } from '../glob.js';
import { loadSshdStart } from './sshd-start.js';

export interface SshdView {
  /** Options of its command line first, since they win over the files. */
  readonly directives: readonly SshdDirective[];
  /** OpenSSH release from the package database: `9.2`. */
  readonly version: string | undefined;
  readonly matches: readonly SshdMatch[];
  /** Why not all of its settings are known; undefined where they are. */
  readonly undecided: string | undefined;
  /** The value for a subject; without one the global value. */
  find(keyword: string, subject?: SshdSubject): SshdValue | undefined;
  /** Who connects: the user with the groups that /etc/group gives. */
  subject(user: string): Promise<SshdSubject>;
}

const MAIN_FILE = '/etc/ssh/sshd_config';

/** What sshd of the target reads; undefined where there is no sshd. */
export async function loadSshdView(context: RuleContext): Promise<SshdView | undefined> {
  const { tree } = context;
  if (!tree.resolve(MAIN_FILE) && !tree.resolve('/usr/sbin/sshd')) return undefined;
  const version = await findVersion(context);
  const files = {
    read: async (path: string) => await context.readText(path),
    glob: (pattern: string) => (supportsInclude(version) ? expandGlob(tree, pattern).map((entry) => entry.path) : []),
  };
  const start = await loadSshdStart(context);
  // openSUSE and some others keep the vendor's file under /usr and have none in /etc.
  const main = start.configFile ?? (tree.resolve(MAIN_FILE) ? MAIN_FILE : '/usr/etc/ssh/sshd_config');
  const ofFiles = await parseSshdConfig(files, main);
  const directives = [...start.directives, ...ofFiles.filter(({ keyword }) => !start.hasPort || keyword !== 'port')];
  const isMissing = start.configFile !== undefined && !tree.resolve(start.configFile);
  const gap =
    start.undecided ??
    (isMissing ? { path: main, reason: 'sshd is started with -f and this file, which is not there' } : undefined);
  if (gap) context.reportGap(gap.path, gap.reason);
  return {
    directives,
    version,
    undecided: gap?.reason,
    matches: [...new Set(directives.flatMap((directive) => directive.conditions))],
    find: (keyword, subject) => findSshdValue(directives, keyword, { subject, version }),
    subject: async (user) => ({ user, groups: (await context.accounts()).groupsOf(user) }),
  };
}

/** Says of the checks what keeps them from being decided: no sshd, or none whose settings are all known. */
export function skipUndecidedChecks(context: RuleContext, checks: readonly Check[], sshd: SshdView | undefined): void {
  const reason = sshd ? sshd.undecided : 'No sshd is installed';
  if (reason === undefined) return;
  for (const { id } of checks) context.skip(id, reason);
}

/** `1:9.2p1-2+deb12u3` → `9.2`. */
async function findVersion(context: RuleContext): Promise<string | undefined> {
  const packages = await context.packages();
  const version = packages.findVersion('openssh-server') ?? packages.findVersion('openssh');
  return /^(?:\d+:)?(\d+\.\d+)/.exec(version ?? '')?.[1];
}
