import { findLine, listLines, matchLines } from '../../parse/lines.js';
import type { FileEntry } from '../../tree/file-tree.js';
import { readAllSudoers } from '../accounts/sudo.js';
import type { RuleContext } from '../context.js';
import { expandGlob } from '../glob.js';
import { type Fault, forCis, type RuleGroup } from '../rule.js';

/** What root runs must be in root's hands. */
export const rootExecutesRules: RuleGroup = {
  checks: [
    {
      id: 'FS-004',
      title: 'Only root can write what root runs',
      why: 'Who can change a program of a unit, a cron job, sudo or the path of root becomes root when it runs next.',
      source: 'CIS; dev-sec os',
      remedy: 'chown root:root and chmod go-w the file and the folders above it, or run the unit as another user.',
      policies: [...forCis, 'baseline', 'shared', 'marketplace'],
      severity: 'critical',
    },
    {
      id: 'FS-006',
      title: 'Homes are closed, and hold no trust of other hosts',
      why: 'Others read keys and histories; .rhosts and .forward give access or run programs.',
      source: 'CIS; dev-sec os',
      remedy: 'chmod 0750 the home; remove .rhosts, .shosts, .forward and /etc/hosts.equiv.',
      policies: forCis,
      severity: 'medium',
    },
    {
      id: 'FS-007',
      title: 'Only root reads cron and the configuration of the boot loader',
      why: 'They show what runs when, and with which kernel arguments.',
      source: 'CIS',
      remedy: 'chmod og-rwx /etc/crontab /etc/cron.*; chmod 0600 grub.cfg.',
      policies: forCis,
      severity: 'low',
    },
  ],
  evaluate: findRootExecutesFaults,
};

const PATH_FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

async function* findRootExecutesFaults(context: RuleContext): AsyncIterable<Fault> {
  const seen = new Set<string>();
  for (const { path, why } of await listProgramsOfRoot(context)) {
    const reason = await explainWritable(context, path);
    if (!reason || seen.has(reason.path)) continue;
    seen.add(reason.path);
    yield { check: 'FS-004', path: reason.path, message: `${reason.text}, and root runs it: ${why}` };
  }
  yield* await listHomeFaults(context);
  for (const entry of expandGlob(
    context.tree,
    '/{etc/crontab,etc/cron.d,etc/cron.hourly,etc/cron.daily,etc/cron.weekly,etc/cron.monthly,boot/grub/grub.cfg,boot/grub2/grub.cfg,boot/grub/user.cfg}',
  )) {
    if (entry.type === 'symlink' || (entry.mode & 0o077) === 0) continue;
    yield { check: 'FS-007', path: entry.path, message: `${entry.path} is ${entry.mode.toString(8).padStart(4, '0')}` };
  }
}

interface ProgramOfRoot {
  readonly path: string;
  readonly why: string;
}

async function listProgramsOfRoot(context: RuleContext): Promise<readonly ProgramOfRoot[]> {
  const { tree } = context;
  const units = await context.units();
  const programs: ProgramOfRoot[] = PATH_FOLDERS.flatMap((folder) => [{ path: folder, why: 'it is in the path' }]);
  for (const folder of PATH_FOLDERS.slice(0, 2)) {
    programs.push(...tree.list(folder).map(({ path }) => ({ path, why: 'it is in the path' })));
  }
  for (const { path } of units.localFiles) {
    programs.push({ path, why: 'it is a unit' }, ...(await listUnitPrograms(context, path)));
  }
  const scripts = expandGlob(
    tree,
    '/etc/{crontab,cron.d/*,cron.hourly/*,cron.daily/*,cron.weekly/*,cron.monthly/*,rc.local,profile,profile.d/*,bash.bashrc,ld.so.preload,init.d/*}',
  );
  programs.push(...scripts.map(({ path }) => ({ path, why: 'cron, the boot or a login' })));
  for (const { path: crontab } of expandGlob(tree, '/etc/{crontab,cron.d/*}')) {
    for (const { text } of listLines((await context.readText(crontab)) ?? '')) {
      const program = findJobOfRoot(text);
      if (program !== undefined) programs.push({ path: program, why: `a job in ${crontab}` });
    }
  }
  for (const { path, content } of await readAllSudoers(context)) {
    programs.push(
      ...content.rules.flatMap((rule) => rule.commands.map((command) => ({ path: command, why: `a rule in ${path}` }))),
    );
  }
  return programs;
}

/** The program of a line of a system crontab: five fields of time or one like `@daily`, the user, the command. */
function findJobOfRoot(line: string): string | undefined {
  const words = line.split(/\s+/);
  const [user, program] = words.slice(line.startsWith('@') ? 1 : 5);
  return user === 'root' && program?.startsWith('/') ? program : undefined;
}

async function listUnitPrograms(context: RuleContext, path: string): Promise<readonly ProgramOfRoot[]> {
  const text = (await context.readText(path)) ?? '';
  // A unit that runs as its own user may well run its own program.
  if (findLine(text, /^(?:User\s*=\s*(?!root\b|0\b)\S|DynamicUser\s*=\s*(?:yes|true|1))/)) return [];
  return [...matchLines(text, /^Exec\w+\s*=\s*[-@:+!]*(\/\S+)(?:[ \t]+(\/\S+))?/)].flatMap(({ found }) => {
    const [, program = '', argument] = found;
    const paths =
      argument !== undefined && /\/(?:ba|da)?sh$|\/python[\d.]*$/.test(program) ? [program, argument] : [program];
    return paths.map((each) => ({ path: each, why: `a command of ${path}` }));
  });
}

/** The first of the file and the folders above it that somebody but root can write. */
async function explainWritable(
  context: RuleContext,
  path: string,
): Promise<{ path: string; text: string } | undefined> {
  const { groups } = await context.accounts();
  const packages = await context.packages();
  for (
    let current = path;
    current !== '/' && current !== '';
    current = current.slice(0, current.lastIndexOf('/')) || '/'
  ) {
    const entry = context.tree.resolve(current);
    if (!entry || entry.type === 'symlink' || isHarmless(entry)) continue;
    if (entry.uid !== 0 && !packages.owns(entry.path))
      return { path: entry.path, text: `${entry.path} belongs to uid ${entry.uid}` };
    if ((entry.mode & 0o002) !== 0) return { path: entry.path, text: `Everybody can write ${entry.path}` };
    // A group that nobody is in (Debian's staff) gives nothing to anybody.
    const group = groups.find((each) => each.gid === entry.gid);
    if ((entry.mode & 0o020) !== 0 && entry.gid !== 0 && (group?.members.length ?? 0) > 0) {
      return { path: entry.path, text: `Group ${group?.name} can write ${entry.path}` };
    }
  }
  return undefined;
}

function isHarmless({ type, mode }: FileEntry): boolean {
  return type === 'character-device' || (type === 'directory' && (mode & 0o1000) !== 0);
}

async function listHomeFaults(context: RuleContext): Promise<readonly Fault[]> {
  const { homes, uidMin } = await context.accounts();
  const faults: Fault[] = [];
  for (const { path, uid } of homes) {
    const entry = context.tree.resolve(path);
    if (entry && (uid >= uidMin || path === '/root') && (entry.mode & 0o027) !== 0) {
      faults.push({
        check: 'FS-006',
        path,
        message: `${path} is ${entry.mode.toString(8).padStart(4, '0')}; 0750 or less is right`,
      });
    }
    for (const name of ['.rhosts', '.shosts', '.forward']) {
      const found = context.tree.resolve(`${path}/${name}`);
      if (found?.type === 'file')
        faults.push({
          check: 'FS-006',
          path: found.path,
          message: `${found.path} gives access to others, or runs a program`,
        });
    }
  }
  for (const path of ['/etc/hosts.equiv', '/etc/shosts.equiv']) {
    const found = context.tree.resolve(path);
    if (found && found.size > 0)
      faults.push({
        check: 'FS-006',
        severity: 'high',
        path,
        message: `${path} lets users of other hosts in without a password`,
      });
  }
  return faults;
}
