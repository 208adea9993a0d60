// Scans a root folder once for each mutation, each in an overlay of its own. For a process that has its mount namespace
// for itself: what it mounts is gone when it ends.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ruleGroups } from '../../../src/scan/rules/catalogue.js';
import { createRuleContext } from '../../../src/scan/rules/context.js';
import { openFolderTree } from '../../../src/scan/tree/folder/open-folder-tree.js';
import type { Mutation } from './harden-mutations.js';

export interface MutationScan {
  /** The clean root folder. */
  readonly root: string;
  /** An empty folder for overlays; a tmpfs is mounted there. */
  readonly work: string;
  readonly mutations: readonly Mutation[];
  /** Runs as root in the folder before all mutations. */
  readonly prepare: string;
}

/** Ids of checks that found something: `clean` before any mutation, and by id of the mutation after it. */
export type ScannedIds = Readonly<Record<string, readonly string[]>>;

/** Finds among the checks that are named as the mutations are; another finding is not this control's affair. */
export async function scanMutations({ root, work, mutations, prepare }: MutationScan): Promise<ScannedIds> {
  const ids = new Set(mutations.map(({ id }) => id));
  const found: Record<string, readonly string[]> = {};
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', work]);
  const prepared = mountOver([root], join(work, 'prepared'));
  runIn(prepared.root, prepare);
  found['clean'] = await findIds(prepared.root, ids, 'cis-l1');
  prepared.unmount();
  for (const { id, profile, plant } of mutations) {
    const planted = mountOver([prepared.upper, root], join(work, id));
    runIn(planted.root, plant);
    found[id] = await findIds(planted.root, ids, profile);
    planted.unmount();
  }
  return found;
}

function mountOver(lowers: readonly string[], folder: string) {
  const [root, upper, scratch] = ['root', 'upper', 'scratch'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const each of [root, upper, scratch]) mkdirSync(each, { recursive: true });
  const options = `lowerdir=${lowers.join(':')},upperdir=${upper},workdir=${scratch}`;
  execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', options, root]);
  execFileSync('mount', ['--rbind', '/dev', join(root, 'dev')]);
  return { root, upper, unmount: () => execFileSync('umount', ['--recursive', '--lazy', root]) };
}

function runIn(root: string, script: string): void {
  execFileSync('chroot', [root, '/bin/bash', '-c', script], {
    stdio: 'ignore',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
}

async function findIds(
  root: string,
  ids: ReadonlySet<string>,
  policy: Mutation['profile'],
): Promise<readonly string[]> {
  const tree = await openFolderTree(root, { signal: new AbortController().signal });
  const context = createRuleContext({ tree, policy, now: new Date() });
  const found = new Set<string>();
  for (const group of ruleGroups.filter(({ checks }) => checks.some(({ id }) => ids.has(id)))) {
    for await (const { check } of group.evaluate(context)) if (ids.has(check)) found.add(check);
  }
  await tree.close();
  return [...found].sort();
}
