import { type GroupEntry, parseGroup } from '../../parse/group.js';
import { findLast, parseSpaced } from '../../parse/key-values.js';
import { isLoginShell, type PasswdEntry, parsePasswd } from '../../parse/passwd.js';
import { parseShadow, type ShadowEntry } from '../../parse/shadow.js';
import type { RuleContext } from '../context.js';

export interface Home {
  /** As it is in the target, links resolved. */
  readonly path: string;
  /** Name of the account; undefined for a folder that belongs to none. */
  readonly user: string | undefined;
  readonly uid: number;
}

export interface Accounts {
  readonly users: readonly PasswdEntry[];
  readonly shadow: readonly ShadowEntry[];
  readonly groups: readonly GroupEntry[];
  /** From login.defs: where accounts of people begin. */
  readonly uidMin: number;
  readonly homes: readonly Home[];
  findUser(name: string): PasswdEntry | undefined;
  /** Names of the groups of a user, the primary one first. */
  groupsOf(name: string): readonly string[];
}

/** Homes of daemons that are no homes. */
const NO_HOMES = new Set([
  '/',
  '/nonexistent',
  '/proc',
  '/dev',
  '/bin',
  '/sbin',
  '/usr/bin',
  '/usr/sbin',
  '/usr',
  '/run',
]);

/** Accounts from the target's own files: asking NSS would answer for the machine that scans. */
export async function loadAccounts(context: RuleContext): Promise<Accounts> {
  const users = parsePasswd((await context.readText('/etc/passwd')) ?? '');
  const groups = parseGroup((await context.readText('/etc/group')) ?? '');
  const loginDefs = parseSpaced((await context.readText('/etc/login.defs')) ?? '');
  // By name and by number, the first of each counting as in libc: a hostile target has a hundred thousand of them.
  const usersByName = new Map(users.toReversed().map((user) => [user.name, user]));
  const groupsByGid = indexGroups(groups, ({ gid }) => [gid]);
  const groupsByMember = indexGroups(groups, ({ members }) => members);
  const findUser = (name: string) => usersByName.get(name);
  return {
    users,
    groups,
    shadow: parseShadow((await context.readText('/etc/shadow')) ?? ''),
    uidMin: Number(findLast(loginDefs, 'UID_MIN')?.value ?? 1000),
    homes: listHomes(context, users),
    findUser,
    groupsOf: (name) => {
      const primary = groupsByGid.get(findUser(name)?.gid ?? -1) ?? [];
      return [...primary, ...(groupsByMember.get(name) ?? [])].map((group) => group.name);
    },
  };
}

function indexGroups<K>(
  groups: readonly GroupEntry[],
  keysOf: (group: GroupEntry) => readonly K[],
): ReadonlyMap<K, readonly GroupEntry[]> {
  const index = new Map<K, GroupEntry[]>();
  for (const group of groups) {
    for (const key of new Set(keysOf(group))) {
      const found = index.get(key);
      if (found === undefined) index.set(key, [group]);
      else found.push(group);
    }
  }
  return index;
}

/** Accounts of people: from UID_MIN up, with a shell that opens a session. */
export function listInteractiveUsers({ users, uidMin }: Accounts): readonly PasswdEntry[] {
  return users.filter((user) => user.uid >= uidMin && user.uid < 65_534 && isLoginShell(user.shell));
}

/** Field 6 of every account, every folder in /home, /root: a user at /srv/app has a home as well. */
function listHomes({ tree }: RuleContext, users: readonly PasswdEntry[]): readonly Home[] {
  const homes = new Map<string, Home>();
  const candidates = [
    ...users.map((user) => ({ path: user.home, user: user.name as string | undefined })),
    { path: '/root', user: 'root' },
    ...tree.list('/home').map((entry) => ({ path: entry.path, user: undefined })),
  ];
  for (const { path, user } of candidates) {
    const folder = path.startsWith('/') ? tree.resolve(path) : undefined;
    if (folder?.type !== 'directory' || NO_HOMES.has(folder.path) || homes.has(folder.path)) continue;
    homes.set(folder.path, { path: folder.path, user, uid: folder.uid });
  }
  return [...homes.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
}
