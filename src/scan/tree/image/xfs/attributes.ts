import { sliceBytes } from '../bytes.js';
import type { XfsSuperblock } from './superblock.js';

const LEAF_MAGIC_V4 = 0xfbee;
const LEAF_MAGIC_V5 = 0x3bee;
const FLAG = { local: 1, root: 2, secure: 4, incomplete: 0x80 } as const;

/** Attributes that sit in the inode, under their full names. Errors: SCAN_IMAGE_DAMAGED. */
export function parseShortAttributes(bytes: Buffer): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  let at = 4;
  for (let left = sliceBytes(bytes, 0, 4).readUInt8(2); left > 0; left -= 1) {
    const [nameLength = 0, valueLength = 0, flags = 0] = sliceBytes(bytes, at, 3);
    const name = sliceBytes(bytes, at + 3, nameLength).toString('latin1');
    found.set(prefixOf(flags) + name, sliceBytes(bytes, at + 3 + nameLength, valueLength));
    at += 3 + nameLength + valueLength;
  }
  return found;
}

/** Attributes of one block of the attribute fork; none when the block is an index or a long value. Errors: SCAN_IMAGE_DAMAGED. */
export function parseAttributeBlock(block: Buffer, { isVersion5 }: XfsSuperblock): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  if (block.readUInt16BE(8) !== (isVersion5 ? LEAF_MAGIC_V5 : LEAF_MAGIC_V4)) return found;
  const count = block.readUInt16BE(isVersion5 ? 56 : 12);
  const first = isVersion5 ? 80 : 32;
  for (let at = 0; at < count; at += 1) {
    const entry = sliceBytes(block, first + at * 8, 8);
    const flags = entry.readUInt8(6);
    // Values outside of the block are larger than any that rules look at.
    if ((flags & FLAG.local) === 0 || (flags & FLAG.incomplete) !== 0) continue;
    const place = entry.readUInt16BE(4);
    const head = sliceBytes(block, place, 3);
    const nameLength = head.readUInt8(2);
    const name = sliceBytes(block, place + 3, nameLength).toString('latin1');
    found.set(prefixOf(flags) + name, sliceBytes(block, place + 3 + nameLength, head.readUInt16BE(0)));
  }
  return found;
}

function prefixOf(flags: number): string {
  if ((flags & FLAG.secure) !== 0) return 'security.';
  return (flags & FLAG.root) === 0 ? 'user.' : 'trusted.';
}
