// A FileTree in memory for tests of rules: files as data, links resolved inside, like the real trees.
import type { FileEntry, FileTree } from '../../src/scan/tree/file-tree.js';

export interface MemoryFile {
  readonly content?: string | Buffer;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly link?: string;
  readonly directory?: boolean;
  readonly type?: FileEntry['type'];
  readonly attributes?: ReadonlyMap<string, Uint8Array>;
  /** Seconds since 1970. */
  readonly modifiedAt?: number;
}

export type MemoryFiles = Readonly<Record<string, string | MemoryFile>>;

const MODIFIED_AT = 1_760_000_000;
const MAX_LINKS = 40;

/** A tree of these files; folders above them are made (root:root 0755) unless they are given. */
export function aMemoryTree(files: MemoryFiles, target = 'memory'): FileTree {
  return layerFiles({ target, entries: new Map(), contents: new Map() }, { '/': { directory: true }, ...files });
}

/** A real tree with changes in memory over it. What is undefined is removed, with everything below it. */
export function aLayeredTree(
  base: FileTree,
  changes: Readonly<Record<string, MemoryFiles[string] | undefined>>,
): FileTree {
  const entries = new Map([...base.entries()].map((entry) => [entry.path, entry]));
  const given: Record<string, MemoryFiles[string]> = {};
  for (const [path, file] of Object.entries(changes)) {
    const isFolder = typeof file === 'object' && file.directory === true;
    if (!isFolder) removeTree(entries, path);
    if (file !== undefined) given[path] = file;
  }
  return layerFiles({ target: base.target, entries, contents: new Map(), base }, given);
}

/** What a tree has at this path, as a file of memory that a fault can change. */
export async function readMemoryFile(tree: FileTree, path: string): Promise<MemoryFile | undefined> {
  const entry = tree.find(path);
  if (entry === undefined) return undefined;
  const { type, mode, uid, gid, modifiedAt, linkTarget, attributes } = entry;
  return {
    mode,
    uid,
    gid,
    modifiedAt,
    ...(attributes === undefined ? {} : { attributes }),
    ...(linkTarget === undefined ? {} : { link: linkTarget }),
    ...(type === 'directory' ? { directory: true } : {}),
    ...(type === 'file' ? { content: await tree.read(entry, entry.size) } : {}),
  };
}

interface Layer {
  readonly target: string;
  readonly entries: Map<string, FileEntry>;
  readonly contents: Map<string, Buffer>;
  /** Reads what is not in memory. */
  readonly base?: FileTree;
}

function layerFiles({ target, entries, contents, base }: Layer, files: MemoryFiles): FileTree {
  for (const [path, given] of Object.entries(files)) {
    const file: MemoryFile = typeof given === 'string' ? { content: given } : given;
    entries.set(path, toEntry(path, file));
    contents.set(path, Buffer.from(file.content ?? ''));
  }
  for (const path of Object.keys(files)) addParents(entries, path);
  const sorted = [...entries.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
  const children = groupByParent(sorted);
  const resolve = createResolver(entries);
  return {
    target,
    gaps: base?.gaps ?? [],
    entries: () => sorted,
    find: (path) => entries.get(path),
    resolve: (path) => resolve(path),
    list: (path) => {
      const folder = resolve(path);
      return folder?.type === 'directory' ? (children.get(folder.path) ?? []).filter((each) => each.path !== '/') : [];
    },
    read: async (entry, maxBytes) => {
      const content = contents.get(entry.path);
      if (content === undefined && base !== undefined) return base.read(entry, maxBytes);
      return (content ?? Buffer.alloc(0)).subarray(0, maxBytes);
    },
    close: async () => {},
  };
}

function createResolver(entries: ReadonlyMap<string, FileEntry>): (path: string) => FileEntry | undefined {
  function resolve(path: string, links = 0): FileEntry | undefined {
    let current = entries.get('/');
    const parts = path.split('/').filter((part) => part !== '' && part !== '.');
    for (const [index, part] of parts.entries()) {
      if (current === undefined) return undefined;
      if (part === '..') {
        current = entries.get(parentOf(current.path));
        continue;
      }
      const child = entries.get(join(current.path, part));
      if (child?.type !== 'symlink') {
        current = child;
        continue;
      }
      if (links >= MAX_LINKS) return undefined;
      const to = child.linkTarget ?? '';
      const from = to.startsWith('/') ? to : join(current.path, to);
      return resolve([from, ...parts.slice(index + 1)].join('/'), links + 1);
    }
    return current;
  }
  return (path) => resolve(path);
}

function removeTree(entries: Map<string, FileEntry>, path: string): void {
  for (const each of entries.keys()) if (each === path || each.startsWith(`${path}/`)) entries.delete(each);
}

function toEntry(path: string, file: MemoryFile): FileEntry {
  const type = file.type ?? (file.link !== undefined ? 'symlink' : file.directory ? 'directory' : 'file');
  const standardMode = type === 'directory' ? 0o755 : type === 'symlink' ? 0o777 : 0o644;
  return {
    path,
    type,
    mode: file.mode ?? standardMode,
    uid: file.uid ?? 0,
    gid: file.gid ?? 0,
    size: Buffer.byteLength(file.link ?? file.content ?? ''),
    modifiedAt: file.modifiedAt ?? MODIFIED_AT,
    ...(file.link === undefined ? {} : { linkTarget: file.link }),
    ...(file.attributes === undefined ? {} : { attributes: file.attributes }),
  };
}

function addParents(entries: Map<string, FileEntry>, path: string): void {
  for (let parent = parentOf(path); !entries.has(parent); parent = parentOf(parent)) {
    entries.set(parent, toEntry(parent, { directory: true }));
  }
}

function groupByParent(entries: readonly FileEntry[]): Map<string, FileEntry[]> {
  const groups = new Map<string, FileEntry[]>();
  for (const entry of entries) {
    const siblings = groups.get(parentOf(entry.path));
    if (siblings) siblings.push(entry);
    else groups.set(parentOf(entry.path), [entry]);
  }
  return groups;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

function join(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}
