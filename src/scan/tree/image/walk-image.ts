import { setImmediate } from 'node:timers/promises';
import { displayName } from '../entry-name.js';
import { type FileIndex, type NewEntry, ROOT } from '../file-index.js';
import type { GapList, TreeLimits } from '../tree-limits.js';
import type { DirectoryRecord, Filesystem } from './filesystem.js';
import { gapReason } from './guard-filesystem.js';

// Reads from the cache never leave the microtask queue; without a pause an abort could not be delivered.
const ENTRIES_PER_SLICE = 2000;

interface ImageWalk {
  readonly index: FileIndex;
  /** The root filesystem first. An entry's volume is its place here. */
  readonly filesystems: readonly Filesystem[];
  /** Mount points (as shown) with the place of their filesystem. */
  readonly mounts: ReadonlyMap<string, number>;
  readonly gaps: GapList;
  readonly limits: TreeLimits;
  readonly signal: AbortSignal;
}

/** Indexes the root filesystem and what is mounted in it. Errors: SCAN_IMAGE_DAMAGED when the root cannot be read. */
export async function walkImage(walk: ImageWalk): Promise<void> {
  const { index, gaps, limits, signal } = walk;
  index.add(ROOT, await readRootEntry(walk, 0));
  const visited = walk.filesystems.map(() => new Set<number>());
  const pause = createPause(index, signal);
  for (let node = ROOT; node < index.count; node += 1) {
    if (index.typeOf(node) !== 'directory') continue;
    const seen = visited[index.volumeOf(node)];
    if (seen === undefined || seen.has(index.locatorOf(node))) {
      gaps.add(index.pathOf(node), 'this directory is its own parent, or has two');
      continue;
    }
    seen.add(index.locatorOf(node));
    try {
      await readDirectory(walk, node, pause);
    } catch (error) {
      gaps.add(index.pathOf(node), gapReason(error));
    }
    signal.throwIfAborted();
    if (index.count >= limits.maxEntries) {
      gaps.add('/', `more than ${limits.maxEntries} entries; the rest was not looked at`);
      return;
    }
  }
}

async function readDirectory(walk: ImageWalk, node: number, pause: () => Promise<void>): Promise<void> {
  const { index, gaps, limits, filesystems } = walk;
  const filesystem = filesystems[index.volumeOf(node)];
  if (filesystem === undefined) return;
  const folder = index.pathOf(node);
  const inode = await filesystem.readInode(index.locatorOf(node));
  const records = await filesystem.readDirectory(inode, (reason) => gaps.add(folder, reason));
  const room = limits.maxPathBytes - index.rawPathOf(node).length - 1;
  // In the order of the inode table, so that its blocks are read once.
  for (const record of [...records].sort((a, b) => a.inode - b.inode)) {
    if (index.count >= limits.maxEntries) return;
    await pause();
    const path = folder === '/' ? `/${displayName(record.rawName)}` : `${folder}/${displayName(record.rawName)}`;
    if (!isFileName(record.rawName)) gaps.add(folder, 'an entry has a name that no file can have');
    else if (record.rawName.length > room) gaps.add(path, 'the path is too long');
    else await addEntry({ walk, node, filesystem, record, path });
  }
}

interface EntryRead {
  readonly walk: ImageWalk;
  readonly node: number;
  readonly filesystem: Filesystem;
  readonly record: DirectoryRecord;
  readonly path: string;
}

async function addEntry({ walk, node, filesystem, record, path }: EntryRead): Promise<void> {
  const { index, gaps, mounts } = walk;
  try {
    const volume = index.volumeOf(node);
    const entry = await readEntry(filesystem, record.inode, volume);
    const mounted = entry.type === 'directory' ? mounts.get(path) : undefined;
    const name = displayName(record.rawName);
    const rawName = name === record.rawName ? {} : { rawName: record.rawName };
    index.add(node, { ...(mounted === undefined ? entry : await readRootEntry(walk, mounted)), name, ...rawName });
  } catch (error) {
    gaps.add(path, gapReason(error));
  }
}

async function readRootEntry({ filesystems }: ImageWalk, volume: number): Promise<NewEntry> {
  const filesystem = filesystems[volume];
  if (filesystem === undefined) throw new RangeError(`no volume ${volume}`);
  return readEntry(filesystem, filesystem.rootInode, volume);
}

async function readEntry(filesystem: Filesystem, number: number, volume: number): Promise<NewEntry> {
  const inode = await filesystem.readInode(number);
  const linkTarget = inode.type === 'symlink' ? displayName(await filesystem.readLink(inode)) : undefined;
  const attributes = inode.type === 'file' ? await filesystem.readAttributes(inode) : undefined;
  const { type, mode, uid, gid, size, modifiedAt } = inode;
  return {
    name: '',
    type,
    mode,
    uid,
    gid,
    size,
    modifiedAt,
    locator: number,
    volume,
    ...(linkTarget === undefined ? {} : { linkTarget }),
    ...(attributes === undefined ? {} : { attributes }),
  };
}

function isFileName(raw: string): boolean {
  return raw !== '' && raw !== '.' && raw !== '..' && !raw.includes('/') && !raw.includes('\0');
}

/** Lets the event loop run once every few thousand entries. Errors: the signal's reason. */
function createPause(index: FileIndex, signal: AbortSignal): () => Promise<void> {
  let next = ENTRIES_PER_SLICE;
  let calls = 0;
  return async () => {
    calls += 1;
    if (index.count < next && calls % ENTRIES_PER_SLICE !== 0) return;
    next = index.count + ENTRIES_PER_SLICE;
    await setImmediate();
    signal.throwIfAborted();
  };
}
