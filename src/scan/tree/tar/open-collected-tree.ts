// What an instance sends of itself before it is sealed: a tar stream whose first member lists every entry of its root
// filesystem, and whose other members are the contents that rules read. A whole root filesystem would take minutes to
// send, and rules never look into most of it. templates/collect-tree.sh writes it.
import { createError } from '../../../errors.js';
import { displayName } from '../entry-name.js';
import { FileIndex, ROOT } from '../file-index.js';
import type { EntryType, FileTree } from '../file-tree.js';
import { createIndexedTree } from '../indexed-tree.js';
import { createGapList, type GapList, type OpenTreeOptions, resolveTreeLimits } from '../tree-limits.js';
import { openTarTree } from './open-tar-tree.js';

interface CollectedSource {
  /** What was scanned, in the user's words. */
  readonly target: string;
  readonly stream: AsyncIterable<Uint8Array>;
}

/** Name of the member with the list: `find -printf '%y %m %U %G %s %T@ %p\0%l\0'`. */
const LISTING = '/.buildimg-listing';

/**
 * Indexes what was collected. Reading a file that was left out is an error, as reading a damaged one is: a rule then
 * says nothing about it.
 * Errors: SCAN_STREAM_DAMAGED; those of the stream itself.
 */
export async function openCollectedTree(source: CollectedSource, options: OpenTreeOptions): Promise<FileTree> {
  const contents = await openTarTree(source, options);
  try {
    const listing = contents.find(LISTING);
    if (listing === undefined) throw createError('SCAN_STREAM_DAMAGED', ['it has no list of files']);
    const limits = resolveTreeLimits(options.limits);
    const gaps = createGapList(limits.maxGaps);
    const records = (await contents.read(listing, listing.size)).toString('latin1').split('\0');
    const index = indexRecords(records, { gaps, maxEntries: limits.maxEntries });
    for (const twin of index.seal()) gaps.add(index.pathOf(twin), 'the list has this name twice');
    return createIndexedTree({
      target: source.target,
      index,
      gaps: [...gaps.gaps, ...contents.gaps],
      async readContent(node, maxBytes) {
        const path = index.pathOf(node);
        const content = contents.find(path);
        if (content === undefined) throw createError('SCAN_NOT_COLLECTED', [path]);
        return await contents.read(content, maxBytes);
      },
      close: () => contents.close(),
    });
  } catch (error) {
    await contents.close();
    throw error;
  }
}

function indexRecords(
  records: readonly string[],
  { gaps, maxEntries }: { readonly gaps: GapList; readonly maxEntries: number },
): FileIndex {
  const index = new FileIndex();
  index.add(ROOT, { name: '', type: 'directory', mode: 0o755, uid: 0, gid: 0, size: 0, modifiedAt: 0, locator: 0 });
  /** By raw path without a slash at its end. */
  const nodes = new Map([['', ROOT]]);
  // Whatever follows the last NUL was never completed.
  for (let at = 0; at + 2 < records.length; at += 2) {
    const record = parseRecord(records[at] ?? '', records[at + 1] ?? '');
    const parent = record && nodes.get(record.folder);
    if (record === undefined || parent === undefined || index.count >= maxEntries) {
      gaps.add('/', `the listed entry ${JSON.stringify(displayName((records[at] ?? '').slice(0, 200)))} has no place`);
      continue;
    }
    const known = nodes.get(record.path);
    // A mount point is listed by the folder that holds it and by itself: the latter counts.
    if (known !== undefined) index.replace(known, record.entry);
    else nodes.set(record.path, index.add(parent, { name: displayName(record.name), ...record.entry }));
  }
  return index;
}

interface ListedEntry {
  /** Raw, without a slash at its end; the root's is empty. */
  readonly path: string;
  readonly folder: string;
  readonly name: string;
  readonly entry: Parameters<FileIndex['replace']>[1];
}

/** Modes are octal, times have a fraction; a path begins with a slash and has no `..`, as find writes it. */
function parseRecord(record: string, linkTarget: string): ListedEntry | undefined {
  const [, letter = '', mode = '', uid, gid, size, time, path = ''] =
    /^([fdlpscb]) ([0-7]{1,4}) (\d+) (\d+) (\d+) (-?\d+)(?:\.\d*)? (\/.*)$/s.exec(record) ?? [];
  const type = TYPES.get(letter);
  if (type === undefined || path.includes('/../')) return undefined;
  const trimmed = path === '/' ? '' : path;
  const slash = trimmed.lastIndexOf('/');
  const name = trimmed.slice(slash + 1);
  return {
    path: trimmed,
    folder: trimmed.slice(0, Math.max(slash, 0)),
    name,
    entry: {
      ...(displayName(name) === name ? {} : { rawName: name }),
      type,
      mode: Number.parseInt(mode, 8),
      uid: Number(uid),
      gid: Number(gid),
      size: Number(size),
      modifiedAt: Number(time),
      ...(type === 'symlink' ? { linkTarget: displayName(linkTarget) } : {}),
      locator: 0,
    },
  };
}

const TYPES: ReadonlyMap<string, EntryType> = new Map([
  ['f', 'file'],
  ['d', 'directory'],
  ['l', 'symlink'],
  ['p', 'fifo'],
  ['s', 'socket'],
  ['c', 'character-device'],
  ['b', 'block-device'],
]);
