import { typeOf } from '../../folder/stats-entry.js';
import type { BlockSource } from '../block-source.js';
import { damaged } from '../bytes.js';
import type { Inode } from '../filesystem.js';
import { type Ext4Superblock, groupDescriptorOffset } from './superblock.js';

export const INODE_FLAG = { encrypted: 0x800, extents: 0x80000, inlineData: 0x10000000 } as const;

/** Where the block map, the extents or a short symlink start inside of an inode, and how long they are. */
export const BLOCK_AREA = { start: 40, length: 60 } as const;

/** A function that reads inodes. Errors of it: SCAN_IMAGE_DAMAGED. */
export function createInodeReader(source: BlockSource, superblock: Ext4Superblock): (number: number) => Promise<Inode> {
  const tables = new Map<number, number>();

  async function tableOf(group: number): Promise<number> {
    const known = tables.get(group);
    if (known !== undefined) return known;
    const descriptor = await source.read(groupDescriptorOffset(superblock, group), superblock.descriptorBytes);
    const high = superblock.descriptorBytes >= 64 ? descriptor.readUInt32LE(40) : 0;
    const table = (descriptor.readUInt32LE(8) + high * 2 ** 32) * superblock.blockBytes;
    tables.set(group, table);
    return table;
  }

  return async (number) => {
    if (number < 1 || number > superblock.inodes) throw damaged(`it has no inode ${number}`);
    const group = Math.floor((number - 1) / superblock.inodesPerGroup);
    const table = await tableOf(group);
    const at = ((number - 1) % superblock.inodesPerGroup) * superblock.inodeBytes;
    return parseInode(number, await source.read(table + at, superblock.inodeBytes));
  };
}

function parseInode(number: number, raw: Buffer): Inode {
  const mode = raw.readUInt16LE(0);
  if ((mode & 0o170000) === 0) throw damaged(`inode ${number} is not in use`);
  return {
    number,
    type: typeOf(mode),
    mode: mode & 0o7777,
    uid: raw.readUInt16LE(2) + raw.readUInt16LE(120) * 65536,
    gid: raw.readUInt16LE(24) + raw.readUInt16LE(122) * 65536,
    size: sizeOf(mode, raw),
    modifiedAt: raw.readInt32LE(16) + epochOf(raw) * 2 ** 32,
    raw,
  };
}

/** The upper half is an ACL in old directories and nothing for devices. */
function sizeOf(mode: number, raw: Buffer): number {
  const format = mode & 0o170000;
  if (format === 0o020000 || format === 0o060000) return 0;
  return raw.readUInt32LE(4) + (format === 0o100000 ? raw.readUInt32LE(108) * 2 ** 32 : 0);
}

/** Two bits that carry times past 2038, in inodes large enough to have them. */
function epochOf(raw: Buffer): number {
  const hasExtraTime = raw.length >= 160 && raw.readUInt16LE(128) >= 12;
  return hasExtraTime ? raw.readUInt32LE(136) & 3 : 0;
}

export function flagsOf(inode: Inode): number {
  return inode.raw.readUInt32LE(32);
}
