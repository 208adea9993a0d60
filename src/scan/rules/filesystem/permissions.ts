import type { FileEntry } from '../../tree/file-tree.js';
import type { RuleContext } from '../context.js';
import { type Fault, forCis, inEveryPolicy, type RuleGroup } from '../rule.js';
import type { PackageView } from '../views/packages.js';
import { isShell, stockSetuidPrograms } from './stock-setuid.js';

/** Owners and modes, over every file of the target. */
export const permissionRules: RuleGroup = {
  checks: [
    {
      id: 'FS-001',
      title: 'No setuid or setgid program that no package brought',
      why: 'Whoever runs it is its owner: a setuid shell is root for everybody.',
      source: 'CIS; dev-sec os-06; AWS shared AMI guidelines',
      remedy: 'chmod u-s,g-s the file, or install it from a package.',
      policies: inEveryPolicy,
      severity: 'high',
    },
    {
      id: 'FS-002',
      title: 'Nothing in /etc, /usr and /opt is writable for everybody',
      why: 'Any process can change what root will read or run; in a folder without sticky bit, also remove it.',
      source: 'CIS',
      remedy: 'chmod o-w the file; chmod +t a folder that must stay open.',
      policies: inEveryPolicy,
      severity: 'high',
    },
    {
      id: 'FS-003',
      title: 'Every file has an owner and a group that exist',
      why: 'The next account that gets the number gets the file.',
      source: 'CIS',
      remedy: 'chown the file, or remove it.',
      policies: forCis,
      severity: 'medium',
    },
    {
      id: 'FS-005',
      title: 'No file capabilities that no package brought',
      why: 'A capability like cap_setuid is setuid under another name.',
      source: 'CIS',
      remedy: 'setcap -r the file.',
      policies: forCis,
      severity: 'medium',
    },
  ],
  evaluate: findPermissionFaults,
};

const GUARDED = /^\/(?:etc|usr|opt|boot|root|s?bin|lib\w*)\//;
/** Layers and snaps carry the owners of other systems. */
const FOREIGN = /^\/(?:proc|sys|dev|run|snap|var\/lib\/(?:docker|containerd|containers|snapd|lxc|machines))(?:\/|$)/;

async function* findPermissionFaults(context: RuleContext): AsyncIterable<Fault> {
  const packages = await context.packages();
  const { users, groups } = await context.accounts();
  const uids = new Set(users.map((user) => user.uid));
  const gids = new Set([...groups.map((group) => group.gid), ...users.map((user) => user.gid)]);
  for (const entry of context.tree.entries()) {
    if (FOREIGN.test(entry.path)) continue;
    yield* listSetuidFaults(entry, packages);
    yield* listWritableFaults(entry);
    if (!uids.has(entry.uid))
      yield {
        check: 'FS-003',
        path: entry.path,
        message: `${entry.path} belongs to uid ${entry.uid}, which nobody has`,
      };
    else if (!gids.has(entry.gid))
      yield {
        check: 'FS-003',
        path: entry.path,
        message: `${entry.path} belongs to gid ${entry.gid}, which does not exist`,
      };
    if (entry.attributes?.has('security.capability') && !isStock(entry.path, packages)) {
      yield { check: 'FS-005', path: entry.path, message: `${entry.path} has capabilities` };
    }
  }
}

function* listSetuidFaults({ path, type, mode }: FileEntry, packages: PackageView): Iterable<Fault> {
  if (type !== 'file' || (mode & 0o6000) === 0) return;
  // setgid without execute for the group meant mandatory locking once; it gives nothing.
  const bits = (mode & 0o4000) !== 0 ? 'setuid' : 'setgid';
  if (bits === 'setgid' && (mode & 0o010) === 0) return;
  if (isShell(path)) {
    yield {
      check: 'FS-001',
      severity: 'critical',
      path,
      message: `${path} is ${bits}, and lets its caller do anything`,
    };
  } else if (!isStock(path, packages)) {
    yield { check: 'FS-001', path, message: `${path} is ${bits}, and no package brought it` };
  }
}

function isStock(path: string, packages: PackageView): boolean {
  return packages.kind === 'dpkg' || packages.kind === 'rpm'
    ? packages.owns(path)
    : stockSetuidPrograms.has(path.replace(/^\/(?:s?bin|lib\w*)\//, '/usr$&'));
}

function* listWritableFaults({ path, type, mode }: FileEntry): Iterable<Fault> {
  if ((mode & 0o002) === 0) return;
  if (type === 'file' && GUARDED.test(path)) {
    yield { check: 'FS-002', path, message: `Everybody can write ${path}` };
  } else if (type === 'directory' && (mode & 0o1000) === 0) {
    yield { check: 'FS-002', path, message: `Everybody can remove files of others in ${path}: it has no sticky bit` };
  }
}
