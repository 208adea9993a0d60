import { compileGlob, expandBraces, findGlobProblem, PATH_GLOB } from '../../lib/globs/compile-glob.js';
import type { FileEntry, FileTree } from '../tree/file-tree.js';

/** Deeper than any real path; ends a walk in a tree that links into itself. */
const MAX_DEPTH = 40;

/**
 * Entries whose path matches an absolute glob: `*` and `?` inside a name (dot files too), `{a,b}`, and `**` for any
 * number of folders, as last part or before one name. Links to folders are followed, but not under `**`. Sorted by path. None
 * for a pattern with a problem: some come from the target, such as those of Include in sshd_config.
 */
export function expandGlob(tree: FileTree, pattern: string): readonly FileEntry[] {
  const found = new Map<string, FileEntry>();
  if (findGlobProblem(pattern, PATH_GLOB) !== undefined) return [];
  for (const alternative of expandBraces(pattern)) {
    const parts = alternative.split('/').filter((part) => part !== '');
    for (const entry of descend({ tree, seen: new Set() }, '/', parts)) found.set(entry.path, entry);
  }
  return [...found.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** Every entry below a folder, links not followed. */
export function* walk(tree: FileTree, folder: string, depth = 0): Iterable<FileEntry> {
  if (depth > MAX_DEPTH) return;
  for (const entry of tree.list(folder)) {
    yield entry;
    if (entry.type === 'directory') yield* walk(tree, entry.path, depth + 1);
  }
}

interface Descent {
  readonly tree: FileTree;
  /**
   * Folders that were looked into, each with how much of the pattern was left: thousands of links to one large folder would
   * otherwise list it thousands of times.
   */
  readonly seen: Set<string>;
}

function* descend(descent: Descent, folder: string, parts: readonly string[]): Iterable<FileEntry> {
  const { tree, seen } = descent;
  const [part = '', ...rest] = parts;
  if (part === '**') {
    const isNamed = compileGlob(rest[0] ?? '*', PATH_GLOB);
    for (const entry of walk(tree, folder)) if (isNamed(nameOf(entry))) yield entry;
    return;
  }
  for (const entry of matchNames(tree, folder, part)) {
    if (rest.length === 0) yield entry;
    else if (entry.type === 'directory' || entry.type === 'symlink') {
      const real = entry.type === 'symlink' ? tree.resolve(entry.path) : entry;
      const key = `${rest.length} ${real?.path}`;
      if (real === undefined || seen.has(key)) continue;
      seen.add(key);
      yield* descend(descent, real.path, rest);
    }
  }
}

function matchNames(tree: FileTree, folder: string, part: string): readonly FileEntry[] {
  if (!/[*?[]/.test(part)) {
    // A fixed name is looked up in the folder that the path leads to, which may be elsewhere (/var/run is /run).
    const real = tree.resolve(folder);
    const entry = real && tree.find(real.path === '/' ? `/${part}` : `${real.path}/${part}`);
    return entry ? [entry] : [];
  }
  const isNamed = compileGlob(part, PATH_GLOB);
  return tree.list(folder).filter((entry) => isNamed(nameOf(entry)));
}

function nameOf({ path }: FileEntry): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
