import type { DirectoryRecord } from '../filesystem.js';

/** Inline directories start with the parent's number instead of `.` and `..` records. */
export const INLINE_PARENT_BYTES = 4;

/**
 * The records of one block of a directory. Hashed directories hide their index in records without an inode, so reading
 * block by block finds every name. Damage ends the block: what was found before it is returned.
 */
export function parseDirectoryBlock(block: Buffer, onProblem: (reason: string) => void): DirectoryRecord[] {
  const found: DirectoryRecord[] = [];
  for (let at = 0; at + 8 <= block.length; ) {
    const inode = block.readUInt32LE(at);
    const stored = block.readUInt16LE(at + 4);
    // 64 KiB do not fit the field: 0 and 65535 stand for the rest of such a block.
    const length = stored === 0 || stored === 65535 ? (block.length === 65536 ? block.length - at : stored) : stored;
    const nameLength = block.readUInt8(at + 6);
    if (length < 8 || at + length > block.length || 8 + nameLength > length) {
      onProblem('a block of this directory is damaged');
      return found;
    }
    const rawName = block.toString('latin1', at + 8, at + 8 + nameLength);
    if (inode !== 0 && rawName !== '.' && rawName !== '..') found.push({ rawName, inode });
    at += length;
  }
  return found;
}
