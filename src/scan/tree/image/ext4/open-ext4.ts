// Reads ext2, ext3 and ext4 without mounting: https://docs.kernel.org/filesystems/ext4/

import { createError } from '../../../../errors.js';
import type { BlockSource } from '../block-source.js';
import { damaged } from '../bytes.js';
import {
  checkLinkLength,
  createDirectoryBudget,
  type DirectoryRecord,
  type Filesystem,
  type Inode,
  MAX_DIRECTORY_BYTES,
  MAX_READ_BYTES,
  readExtents,
} from '../filesystem.js';
import { readBlockAttributes, readInodeAttributes } from './attributes.js';
import { INLINE_PARENT_BYTES, parseDirectoryBlock } from './directory.js';
import { listExt4Extents } from './extents.js';
import { BLOCK_AREA, createInodeReader, flagsOf, INODE_FLAG } from './inode.js';
import { type Ext4Superblock, readExt4Superblock } from './superblock.js';

const ROOT_INODE = 2;
const INLINE_REST = 'system.data';

/** Errors: SCAN_IMAGE_DAMAGED, SCAN_IMAGE_UNSUPPORTED. */
export async function openExt4(source: BlockSource): Promise<Filesystem> {
  const superblock = await readExt4Superblock(source);
  const { blockBytes } = superblock;
  const readInode = createInodeReader(source, superblock);
  const spend = createDirectoryBudget(source);

  async function readStart(inode: Inode, length: number): Promise<Buffer> {
    const flags = flagsOf(inode);
    if ((flags & INODE_FLAG.encrypted) !== 0)
      throw createError('SCAN_IMAGE_UNSUPPORTED', ['encryption of single files']);
    if ((flags & INODE_FLAG.inlineData) !== 0) return readInline(inode).subarray(0, length);
    const extents = await listExt4Extents({ source, blockBytes, inode, wantedBlocks: Math.ceil(length / blockBytes) });
    return readExtents({ source, blockBytes, extents, length });
  }

  async function readDirectory(inode: Inode, onProblem: (reason: string) => void): Promise<DirectoryRecord[]> {
    if ((flagsOf(inode) & INODE_FLAG.inlineData) !== 0) return readInlineDirectory(inode, onProblem);
    if (inode.size > MAX_DIRECTORY_BYTES) throw damaged(`a directory of ${inode.size} bytes`);
    spend(inode.size);
    const bytes = await readStart(inode, inode.size);
    const found: DirectoryRecord[] = [];
    for (let at = 0; at + blockBytes <= bytes.length; at += blockBytes) {
      for (const record of parseDirectoryBlock(bytes.subarray(at, at + blockBytes), onProblem)) found.push(record);
    }
    return found;
  }

  return {
    kind: 'ext4',
    uuid: superblock.uuid,
    label: superblock.label,
    notes: listNotes(superblock),
    rootInode: ROOT_INODE,
    readInode,
    readDirectory,
    async readLink(inode) {
      const length = checkLinkLength(inode.size);
      const isShort =
        length < BLOCK_AREA.length && (flagsOf(inode) & (INODE_FLAG.extents | INODE_FLAG.inlineData)) === 0;
      const bytes = isShort
        ? inode.raw.subarray(BLOCK_AREA.start, BLOCK_AREA.start + length)
        : await readStart(inode, length);
      return bytes.toString('latin1');
    },
    readContent: (inode, maxBytes) => readStart(inode, Math.min(inode.size, maxBytes, MAX_READ_BYTES)),
    async readAttributes(inode) {
      const inside = readInodeAttributes(inode).get('security.capability');
      const value = inside ?? (await readBlockAttributes(source, blockBytes, inode)).get('security.capability');
      // A copy: the value must not keep the cached block alive.
      return value === undefined ? undefined : new Map([['security.capability', Uint8Array.from(value)]]);
    },
  };
}

/** What keeps inodes and directories from being the whole truth. */
function listNotes({ needsRecovery, hasJournal, isClean, hasErrors }: Ext4Superblock): readonly string[] {
  return [
    ...(needsRecovery
      ? ['the ext4 journal holds changes that were not replayed; the last writes before capture may be missing']
      : []),
    ...(hasJournal || isClean ? [] : ['this filesystem without a journal was in use when it was captured']),
    ...(hasErrors ? ['this ext4 filesystem is marked as having errors'] : []),
  ];
}

/** Inline content: 60 bytes in the inode, the rest as an attribute. */
function readInline(inode: Inode): Buffer {
  const head = inode.raw.subarray(BLOCK_AREA.start, BLOCK_AREA.start + BLOCK_AREA.length);
  const rest = readInodeAttributes(inode).get(INLINE_REST) ?? Buffer.alloc(0);
  return Buffer.concat([head, rest]).subarray(0, inode.size);
}

/** Head and rest are parsed on their own: a record never crosses from one to the other. */
function readInlineDirectory(inode: Inode, onProblem: (reason: string) => void): DirectoryRecord[] {
  const head = inode.raw.subarray(BLOCK_AREA.start + INLINE_PARENT_BYTES, BLOCK_AREA.start + BLOCK_AREA.length);
  const rest = readInodeAttributes(inode).get(INLINE_REST) ?? Buffer.alloc(0);
  return [...parseDirectoryBlock(head, onProblem), ...parseDirectoryBlock(rest, onProblem)];
}
