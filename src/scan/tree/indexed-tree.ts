// A FileTree over an index: everything but reading content is the same for a folder, an image and a stream.

import type { FileIndex } from './file-index.js';
import { ROOT } from './file-index.js';
import type { FileEntry, FileTree, TreeGap } from './file-tree.js';

// The kernel gives up after 40 links (ELOOP); so do we.
const MAX_LINKS = 40;

interface IndexedTreeParts {
  readonly target: string;
  readonly index: FileIndex;
  readonly gaps: readonly TreeGap[];
  /** Content of the regular file `node`. */
  readonly readContent: (node: number, maxBytes: number) => Promise<Buffer>;
  readonly close: () => Promise<void>;
}

/** Makes a FileTree of a sealed index. */
export function createIndexedTree({ target, index, gaps, readContent, close }: IndexedTreeParts): FileTree {
  return {
    target,
    gaps,
    entries: () => walkEntries(index),
    find(path) {
      const node = findNode(index, path);
      return node === undefined ? undefined : index.entryOf(node, index.pathOf(node));
    },
    resolve(path) {
      const node = resolveNode(index, path);
      return node === undefined ? undefined : index.entryOf(node, index.pathOf(node));
    },
    list(path) {
      const node = resolveNode(index, path);
      if (node === undefined) return [];
      const folder = index.pathOf(node);
      return Array.from(index.childrenOf(node), (child) =>
        index.entryOf(child, joinShown(folder, index.nameOf(child))),
      );
    },
    async read(entry, maxBytes) {
      const node = findNode(index, entry.path);
      if (node === undefined || index.typeOf(node) !== 'file' || maxBytes <= 0) return Buffer.alloc(0);
      return readContent(node, maxBytes);
    },
    close,
  };
}

/** Depth first, iteratively: a target may be thousands of levels deep. */
function* walkEntries(index: FileIndex): Generator<FileEntry> {
  if (index.count === 0) return;
  yield index.entryOf(ROOT, '/');
  const levels = [{ path: '/', children: index.childrenOf(ROOT), next: 0 }];
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    const node = level.children[level.next];
    if (node === undefined) {
      levels.pop();
      continue;
    }
    level.next += 1;
    const path = joinShown(level.path, index.nameOf(node));
    yield index.entryOf(node, path);
    const children = index.childrenOf(node);
    if (children.length > 0) levels.push({ path, children, next: 0 });
  }
}

/** The node at exactly this path; no link is followed, `.` and `..` are taken as written. */
export function findNode(index: FileIndex, path: string): number | undefined {
  let node: number | undefined = index.count > 0 ? ROOT : undefined;
  for (const name of splitPath(path)) {
    if (node === undefined) return undefined;
    node = name === '..' ? index.parentOf(node) : index.findChild(node, name);
  }
  return node;
}

/** Follows links as the kernel does in a chroot: an absolute link starts at the target's root, `..` stops there. */
function resolveNode(index: FileIndex, path: string): number | undefined {
  if (index.count === 0) return undefined;
  const pending = splitPath(path).toReversed();
  let node = ROOT;
  let links = 0;
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === '..') {
      node = index.parentOf(node);
      continue;
    }
    const child = index.findChild(node, name);
    if (child === undefined) return undefined;
    const link = index.linkTargetOf(child);
    if (link === undefined) {
      node = child;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) return undefined;
    if (link.startsWith('/')) node = ROOT;
    pending.push(...splitPath(link).toReversed());
  }
  return node;
}

function splitPath(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

function joinShown(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}
