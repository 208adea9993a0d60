// What the readers of ext4, XFS and FAT have in common, so that walking, mounting and reading are written once.

import type { EntryType } from '../file-tree.js';
import type { BlockSource } from './block-source.js';
import { damaged } from './bytes.js';

export interface Inode {
  readonly number: number;
  readonly type: EntryType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly modifiedAt: number;
  /** The inode as stored; only its filesystem reads it. */
  readonly raw: Buffer;
}

export interface DirectoryRecord {
  /** Bytes of the name as latin1. */
  readonly rawName: string;
  readonly inode: number;
}

export interface Filesystem {
  readonly kind: 'ext4' | 'xfs' | 'vfat';
  readonly uuid: string;
  readonly label: string;
  /** What a report must say about the whole filesystem, such as a journal that was not replayed. */
  readonly notes: readonly string[];
  readonly rootInode: number;
  /** Errors: SCAN_IMAGE_DAMAGED. */
  readInode(number: number): Promise<Inode>;
  /** Without `.` and `..`. `onProblem` hears of damaged blocks; what can be read is returned. */
  readDirectory(inode: Inode, onProblem: (reason: string) => void): Promise<readonly DirectoryRecord[]>;
  /** Target of a symlink, as latin1 bytes. */
  readLink(inode: Inode): Promise<string>;
  readContent(inode: Inode, maxBytes: number): Promise<Buffer>;
  /** Extended attributes that matter to rules; undefined when there are none. */
  readAttributes(inode: Inode): Promise<ReadonlyMap<string, Uint8Array> | undefined>;
}

/** A run of blocks of a file; a hole has none. */
export interface Extent {
  readonly logicalBlock: number;
  /** Byte of the source where it starts. */
  readonly offset: number;
  readonly blocks: number;
  /** Allocated but never written: reads as zeros. */
  readonly isUnwritten: boolean;
}

/** A symlink cannot be longer (PATH_MAX). */
const MAX_LINK_BYTES = 4096;
/** Most that one call reads, whatever it asks for: a Buffer has to hold it. */
export const MAX_READ_BYTES = 1024 ** 3;
/** ext4 and XFS directories of a million entries take about 50 MB. */
export const MAX_DIRECTORY_BYTES = 256 * 1024 ** 2;
/** All directories of a filesystem together; also never more than the disk has. */
const MAX_ALL_DIRECTORIES_BYTES = 4 * 1024 ** 3;

type Spend = (bytes: number) => void;

/**
 * Counts what is read for directories. In a healthy filesystem no block belongs to two directories; a hostile one may
 * give the same blocks to each of a million directories, and would hold the scan for days.
 */
export function createDirectoryBudget(source: BlockSource): Spend {
  let left = Math.min(source.size, MAX_ALL_DIRECTORIES_BYTES);
  return (bytes) => {
    left -= bytes;
    if (left < 0) throw damaged('its directories share blocks');
  };
}

/** The first `length` bytes of a file made of extents; holes are zeros. */
export async function readExtents({
  source,
  blockBytes,
  extents,
  length,
}: {
  readonly source: BlockSource;
  readonly blockBytes: number;
  readonly extents: readonly Extent[];
  readonly length: number;
}): Promise<Buffer> {
  const content = Buffer.alloc(length);
  let end = 0;
  for (const extent of extents) {
    const start = extent.logicalBlock * blockBytes;
    // Extents that overlap would let a small image ask for endless reads.
    if (start < end) throw damaged('the extents of a file overlap');
    end = start + extent.blocks * blockBytes;
    if (extent.isUnwritten || start >= length) continue;
    const bytes = await source.read(extent.offset, Math.min(extent.blocks * blockBytes, length - start));
    bytes.copy(content, start);
  }
  return content;
}

/** Length of a symlink that a sane filesystem may have. Errors: SCAN_IMAGE_DAMAGED. */
export function checkLinkLength(size: number): number {
  if (size > MAX_LINK_BYTES) throw damaged(`a symbolic link of ${size} bytes`);
  return size;
}
