import { parseSshdConfig, type SshdDirective, type SshdMatch } from '../../parse/sshd-config.js';
import { supportsInclude } from '../../parse/sshd-defaults.js';
import { findSshdValue, type SshdSubject, type SshdValue } from '../../parse/sshd-effective.js';
import type { RuleContext } from '../context.js';
import { expandGlob } from '../glob.js';

export interface SshdView {
  readonly directives: readonly SshdDirective[];
  /** OpenSSH release from the package database: `9.2`. */
  readonly version: string | undefined;
  readonly matches: readonly SshdMatch[];
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
  // openSUSE and some others keep the vendor's file under /usr and have none in /etc.
  const main = tree.resolve(MAIN_FILE) ? MAIN_FILE : '/usr/etc/ssh/sshd_config';
  const directives = await parseSshdConfig(files, main);
  return {
    directives,
    version,
    matches: [...new Set(directives.flatMap((directive) => directive.conditions))],
    find: (keyword, subject) => findSshdValue(directives, keyword, { subject, version }),
    subject: async (user) => ({ user, groups: (await context.accounts()).groupsOf(user) }),
  };
}

/** `1:9.2p1-2+deb12u3` → `9.2`. */
async function findVersion(context: RuleContext): Promise<string | undefined> {
  const packages = await context.packages();
  const version = packages.findVersion('openssh-server') ?? packages.findVersion('openssh');
  return /^(?:\d+:)?(\d+\.\d+)/.exec(version ?? '')?.[1];
}
