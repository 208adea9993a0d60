import { displayName } from '../entry-name.js';
import { FileIndex, type NewEntry, ROOT } from '../file-index.js';
import type { EntryType, FileTree } from '../file-tree.js';
import { createIndexedTree, findNode } from '../indexed-tree.js';
import {
  createGapList,
  type GapList,
  type OpenTreeOptions,
  resolveTreeLimits,
  type TreeLimits,
} from '../tree-limits.js';
import { createByteReader } from './byte-reader.js';
import { readTar, type SparsePiece, type TarMember } from './read-tar.js';
import { openSpool, type Spool } from './spool.js';
import { paddedSize } from './tar-header.js';

interface TarSource {
  /** What was scanned, in the user's words. */
  readonly target: string;
  readonly stream: AsyncIterable<Uint8Array>;
}

/**
 * Indexes a tar stream (ustar, GNU or PAX). Contents go to a nameless temporary file; nothing is unpacked, so no name in
 * the stream can lead anywhere.
 * Errors: SCAN_STREAM_DAMAGED; those of the stream itself.
 */
export async function openTarTree({ target, stream }: TarSource, options: OpenTreeOptions): Promise<FileTree> {
  const limits = resolveTreeLimits(options.limits);
  const gaps = createGapList(limits.maxGaps);
  const spool = openSpool();
  const build: TarBuild = {
    index: new FileIndex(),
    spool,
    gaps,
    limits,
    folders: new Map([['', ROOT]]),
    hardLinks: new Map(),
    stored: new Map(),
  };
  try {
    build.index.add(ROOT, impliedFolder(''));
    const reader = createByteReader(stream, limits.maxSpooledBytes);
    await readTar(reader, async (member) => {
      options.signal.throwIfAborted();
      const offset = spool.position;
      let keep = Math.min(member.storedBytes, limits.maxSpooledFileBytes);
      await reader.pass(paddedSize(member.storedBytes), (piece) => {
        const kept = piece.subarray(0, keep);
        keep -= kept.length;
        spool.append(kept);
      });
      addMember(build, member, offset);
    });
    await reader.drain();
  } catch (error) {
    await spool.close();
    throw error;
  }
  for (const twin of build.index.seal()) gaps.add(build.index.pathOf(twin), 'the stream has this name twice');
  resolveHardLinks(build);
  return createIndexedTree({
    target,
    index: build.index,
    gaps: gaps.gaps,
    readContent: async (node, maxBytes) => readStored(build, node, maxBytes),
    close: () => spool.close(),
  });
}

interface StoredContent {
  readonly bytes: number;
  readonly pieces?: readonly SparsePiece[];
}

interface TarBuild {
  readonly index: FileIndex;
  readonly spool: Spool;
  readonly gaps: GapList;
  readonly limits: TreeLimits;
  /** Folders by raw path without a leading slash. */
  readonly folders: Map<string, number>;
  readonly hardLinks: Map<number, string>;
  // Not by place in the spool: a file of holes alone takes no room in it, and the next file has the same place.
  /** Contents that are not stored as they are: sparse or cut. By node. */
  readonly stored: Map<number, StoredContent>;
}

function addMember(build: TarBuild, member: TarMember, offset: number): void {
  const { index, gaps, limits } = build;
  const path = normalisePath(member.rawName);
  const type = TYPES.get(member.typeFlag);
  if (path === undefined || type === undefined || path.length + 1 > limits.maxPathBytes) {
    gaps.add('/', `the entry ${JSON.stringify(displayName(member.rawName).slice(0, 200))} cannot be placed`);
    return;
  }
  if (index.count >= limits.maxEntries) {
    gaps.add('/', `more than ${limits.maxEntries} entries; the rest was not looked at`);
    return;
  }
  const known = type === 'directory' ? build.folders.get(path) : undefined;
  const entry = newEntryOf(member, { type, offset, path });
  if (known !== undefined) {
    index.replace(known, entry);
    return;
  }
  const node = index.add(folderFor(build, path), entry);
  if (type === 'directory') build.folders.set(path, node);
  if (member.typeFlag === '1') build.hardLinks.set(node, member.rawLinkName);
  if (member.pieces !== undefined) build.stored.set(node, { bytes: member.storedBytes, pieces: member.pieces });
  else if (member.storedBytes > limits.maxSpooledFileBytes)
    build.stored.set(node, { bytes: limits.maxSpooledFileBytes });
}

function newEntryOf(member: TarMember, place: { type: EntryType; offset: number; path: string }): NewEntry {
  const rawName = place.path.slice(place.path.lastIndexOf('/') + 1);
  const name = displayName(rawName);
  const { mode, uid, gid, modifiedAt, capability } = member;
  return {
    name,
    type: place.type,
    mode,
    uid,
    gid,
    size: place.type === 'symlink' ? member.rawLinkName.length : member.size,
    modifiedAt,
    locator: place.offset,
    ...(name === rawName ? {} : { rawName }),
    ...(place.type === 'symlink' ? { linkTarget: displayName(member.rawLinkName) } : {}),
    ...(capability === undefined ? {} : { attributes: new Map([['security.capability', capability]]) }),
  };
}

/** The node of the folder that holds `path`; folders that the stream leaves out are made up. */
function folderFor({ index, folders }: TarBuild, path: string): number {
  const names = path.split('/').slice(0, -1);
  let node = ROOT;
  let folder = '';
  for (const name of names) {
    folder = folder === '' ? name : `${folder}/${name}`;
    const known = folders.get(folder);
    node = known ?? index.add(node, impliedFolder(name));
    if (known === undefined) folders.set(folder, node);
  }
  return node;
}

function impliedFolder(raw: string): NewEntry {
  const name = displayName(raw);
  const facts = { type: 'directory', mode: 0o755, uid: 0, gid: 0, size: 0, modifiedAt: 0, locator: 0 } as const;
  return { ...facts, name, ...(name === raw ? {} : { rawName: raw }) };
}

/** A hard link says only the name of the file that came before it; it gets that file's facts and content. */
function resolveHardLinks({ index, hardLinks, stored, gaps }: TarBuild): void {
  for (const [node, rawTarget] of hardLinks) {
    const path = normalisePath(rawTarget);
    const target = path === undefined ? undefined : findNode(index, displayName(`/${path}`));
    if (target === undefined || index.typeOf(target) !== 'file' || hardLinks.has(target)) {
      gaps.add(index.pathOf(node), 'a hard link to a file that is not in the stream');
      continue;
    }
    index.replace(node, { ...index.entryOf(target, ''), locator: index.locatorOf(target) });
    const content = stored.get(target);
    if (content !== undefined) stored.set(node, content);
  }
}

function readStored({ index, spool, stored }: TarBuild, node: number, maxBytes: number): Buffer {
  const length = Math.min(index.sizeOf(node), maxBytes);
  const offset = index.locatorOf(node);
  const content = stored.get(node);
  if (content === undefined) return spool.read(offset, length);
  if (content.pieces === undefined) return spool.read(offset, Math.min(length, content.bytes));
  const bytes = Buffer.alloc(length);
  let at = offset;
  for (const piece of content.pieces) {
    if (piece.offset < length) spool.read(at, Math.min(piece.length, length - piece.offset)).copy(bytes, piece.offset);
    at += piece.length;
  }
  return bytes;
}

/** `./etc/passwd`, `/etc/passwd` and `etc/passwd` alike; undefined for a name that climbs. */
function normalisePath(raw: string): string | undefined {
  const names = raw.split('/').filter((name) => name !== '' && name !== '.');
  return names.includes('..') ? undefined : names.join('/');
}

const TYPES: ReadonlyMap<string, EntryType> = new Map([
  ['0', 'file'],
  ['\0', 'file'],
  ['7', 'file'],
  ['1', 'file'],
  ['2', 'symlink'],
  ['3', 'character-device'],
  ['4', 'block-device'],
  ['5', 'directory'],
  ['6', 'fifo'],
]);
