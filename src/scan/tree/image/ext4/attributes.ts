import type { BlockSource } from '../block-source.js';
import { sliceBytes } from '../bytes.js';
import type { Inode } from '../filesystem.js';

const MAGIC = 0xea020000;
const GOOD_OLD_INODE_BYTES = 128;
const BLOCK_HEADER_BYTES = 32;

/** Name prefixes by number (fs/ext4/xattr.h). */
const PREFIXES: ReadonlyMap<number, string> = new Map([
  [1, 'user.'],
  [4, 'trusted.'],
  [6, 'security.'],
  [7, 'system.'],
]);

/** Extended attributes kept in the inode itself. Errors: SCAN_IMAGE_DAMAGED. */
export function readInodeAttributes({ raw }: Inode): Map<string, Buffer> {
  if (raw.length <= GOOD_OLD_INODE_BYTES + 4) return new Map();
  const start = GOOD_OLD_INODE_BYTES + raw.readUInt16LE(128);
  if (start + 4 > raw.length || raw.readUInt32LE(start) !== MAGIC) return new Map();
  const area = raw.subarray(start + 4);
  return parseEntries(area, area, 0);
}

/** Extended attributes kept in a block of their own. Errors: SCAN_IMAGE_DAMAGED. */
export async function readBlockAttributes(
  source: BlockSource,
  blockBytes: number,
  { raw }: Inode,
): Promise<Map<string, Buffer>> {
  const block = raw.readUInt32LE(104) + raw.readUInt16LE(118) * 2 ** 32;
  if (block === 0) return new Map();
  const bytes = await source.read(block * blockBytes, blockBytes);
  return bytes.readUInt32LE(0) === MAGIC ? parseEntries(bytes, bytes, BLOCK_HEADER_BYTES) : new Map();
}

function parseEntries(entries: Buffer, values: Buffer, first: number): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (let at = first; at + 16 <= entries.length && entries.readUInt32LE(at) !== 0; ) {
    const nameLength = entries.readUInt8(at);
    const name = sliceBytes(entries, at + 16, nameLength).toString('latin1');
    const prefix = PREFIXES.get(entries.readUInt8(at + 1));
    // A value in an inode of its own (ea_inode) is larger than any that rules look at.
    if (prefix !== undefined && entries.readUInt32LE(at + 4) === 0) {
      found.set(prefix + name, sliceBytes(values, entries.readUInt16LE(at + 2), entries.readUInt32LE(at + 8)));
    }
    at += 16 + Math.ceil(nameLength / 4) * 4;
  }
  return found;
}
