import { damaged, sliceBytes } from '../bytes.js';
import type { DirectoryRecord } from '../filesystem.js';
import type { XfsSuperblock } from './superblock.js';

// A block that is the whole directory, and one of several.
const BLOCK_MAGIC_V4 = 0x58443242; // XD2B
const DATA_MAGIC_V4 = 0x58443244; // XD2D
const BLOCK_MAGIC_V5 = 0x58444233; // XDB3
const DATA_MAGIC_V5 = 0x58444433; // XDD3
const FREE_TAG = 0xffff;

/** Records of a directory small enough to sit in its inode. Errors: SCAN_IMAGE_DAMAGED. */
export function parseShortDirectory(bytes: Buffer, { hasFileType }: XfsSuperblock): DirectoryRecord[] {
  const inodeBytes = bytes.readUInt8(1) > 0 ? 8 : 4;
  const found: DirectoryRecord[] = [];
  let at = 2 + inodeBytes;
  for (let left = bytes.readUInt8(0); left > 0; left -= 1) {
    const nameLength = sliceBytes(bytes, at, 3).readUInt8(0);
    const rawName = sliceBytes(bytes, at + 3, nameLength).toString('latin1');
    at += 3 + nameLength + (hasFileType ? 1 : 0);
    const inode = sliceBytes(bytes, at, inodeBytes);
    found.push({ rawName, inode: inodeBytes === 8 ? Number(inode.readBigUInt64BE(0)) : inode.readUInt32BE(0) });
    at += inodeBytes;
  }
  return found;
}

/** Records of one data block of a directory. Errors: SCAN_IMAGE_DAMAGED. */
export function parseDirectoryBlock(block: Buffer, superblock: XfsSuperblock): DirectoryRecord[] {
  const magic = block.readUInt32BE(0);
  const isWhole = magic === (superblock.isVersion5 ? BLOCK_MAGIC_V5 : BLOCK_MAGIC_V4);
  if (!isWhole && magic !== (superblock.isVersion5 ? DATA_MAGIC_V5 : DATA_MAGIC_V4)) {
    throw damaged('a block of this directory is damaged');
  }
  const end = isWhole ? endOfRecords(block) : block.length;
  const found: DirectoryRecord[] = [];
  for (let at = superblock.isVersion5 ? 64 : 16; at + 8 <= end; ) {
    if (block.readUInt16BE(at) === FREE_TAG) {
      const length = block.readUInt16BE(at + 2);
      if (length < 8) throw damaged('a block of this directory is damaged');
      at += length;
      continue;
    }
    const nameLength = sliceBytes(block, at + 8, 1).readUInt8(0);
    const rawName = sliceBytes(block, at + 9, nameLength).toString('latin1');
    if (rawName !== '.' && rawName !== '..') found.push({ rawName, inode: Number(block.readBigUInt64BE(at)) });
    // Inode, length, name, type, tag; rounded up to 8 bytes.
    at += Math.ceil((8 + 1 + nameLength + (superblock.hasFileType ? 1 : 0) + 2) / 8) * 8;
  }
  return found;
}

/** In a whole-directory block, the hash entries and their count follow the records. */
function endOfRecords(block: Buffer): number {
  const hashes = block.readUInt32BE(block.length - 8);
  const end = block.length - 8 - hashes * 8;
  if (end < 0) throw damaged('a block of this directory is damaged');
  return end;
}
