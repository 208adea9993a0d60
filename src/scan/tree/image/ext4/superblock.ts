// The ext4 superblock: https://docs.kernel.org/filesystems/ext4/globals.html. Checksums are not verified: a scan wants
// to see what is there.

import { createError } from '../../../../errors.js';
import type { BlockSource } from '../block-source.js';
import { damaged, formatUuid, textUntilNul } from '../bytes.js';

export interface Ext4Superblock {
  readonly blockBytes: number;
  readonly blocks: number;
  readonly inodes: number;
  readonly inodeBytes: number;
  readonly inodesPerGroup: number;
  readonly blocksPerGroup: number;
  readonly firstDataBlock: number;
  readonly descriptorBytes: number;
  readonly groups: number;
  /** Group from which descriptors lie with their groups (meta_bg); undefined when they all follow the superblock. */
  readonly firstMetaGroup?: number;
  /** Directory records carry a type byte, so names end at 255 bytes. */
  readonly hasFileType: boolean;
  readonly hasSparseBackups: boolean;
  readonly backupGroups?: readonly number[];
  /** The journal holds changes that are not in their place. */
  readonly needsRecovery: boolean;
  readonly hasJournal: boolean;
  /** Unmounted in order; tells something only without a journal. */
  readonly isClean: boolean;
  readonly hasErrors: boolean;
  readonly uuid: string;
  readonly label: string;
}

const MAGIC = 0xef53;
const INCOMPATIBLE = { fileType: 0x2, recover: 0x4, metaGroups: 0x10, is64Bit: 0x80 } as const;
// Features that change nothing for a reader, or that this reader knows: filetype, recover, meta_bg, extents, 64bit, mmp,
// flex_bg, ea_inode, csum_seed, largedir, inline_data, encrypt (per file), casefold.
const KNOWN_INCOMPATIBLE =
  0x2 | 0x4 | 0x10 | 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x2000 | 0x4000 | 0x8000 | 0x10000 | 0x20000;
const HAS_JOURNAL = 0x4;
const STATE = { clean: 1, errors: 2 } as const;
const SPARSE_SUPER = 0x1;
const SPARSE_SUPER2 = 0x200;

/** True when the source holds ext2, ext3 or ext4. */
export async function isExt4(source: BlockSource): Promise<boolean> {
  return source.size >= 2048 && (await source.read(1024, 1024)).readUInt16LE(56) === MAGIC;
}

/** Errors: SCAN_IMAGE_DAMAGED, SCAN_IMAGE_UNSUPPORTED. */
export async function readExt4Superblock(source: BlockSource): Promise<Ext4Superblock> {
  const raw = await source.read(1024, 1024);
  if (raw.readUInt16LE(56) !== MAGIC) throw damaged('no ext4 superblock');
  const incompatible = raw.readUInt32LE(96);
  const unknown = incompatible & ~KNOWN_INCOMPATIBLE;
  if (unknown !== 0) throw createError('SCAN_IMAGE_UNSUPPORTED', [`ext4 features 0x${(unknown >>> 0).toString(16)}`]);
  const is64Bit = (incompatible & INCOMPATIBLE.is64Bit) !== 0;
  const isOld = raw.readUInt32LE(76) === 0;
  const logBlock = raw.readUInt32LE(24);
  if (logBlock > 6) throw damaged(`ext4 blocks of 2^${logBlock + 10} bytes`);
  const superblock = {
    blockBytes: 1024 << logBlock,
    blocks: raw.readUInt32LE(4) + (is64Bit ? raw.readUInt32LE(336) * 2 ** 32 : 0),
    inodes: raw.readUInt32LE(0),
    inodeBytes: isOld ? 128 : raw.readUInt16LE(88),
    inodesPerGroup: raw.readUInt32LE(40),
    blocksPerGroup: raw.readUInt32LE(32),
    firstDataBlock: raw.readUInt32LE(20),
    descriptorBytes: is64Bit ? raw.readUInt16LE(254) : 32,
    hasFileType: (incompatible & INCOMPATIBLE.fileType) !== 0,
    hasSparseBackups: (raw.readUInt32LE(100) & SPARSE_SUPER) !== 0,
    needsRecovery: (incompatible & INCOMPATIBLE.recover) !== 0,
    hasJournal: (raw.readUInt32LE(92) & HAS_JOURNAL) !== 0,
    isClean: (raw.readUInt16LE(58) & STATE.clean) !== 0,
    hasErrors: (raw.readUInt16LE(58) & STATE.errors) !== 0,
    uuid: formatUuid(raw.subarray(104, 120)),
    label: textUntilNul(raw.subarray(120, 136)),
    ...((incompatible & INCOMPATIBLE.metaGroups) === 0 ? {} : { firstMetaGroup: raw.readUInt32LE(260) }),
    ...((raw.readUInt32LE(92) & SPARSE_SUPER2) === 0
      ? {}
      : { backupGroups: [raw.readUInt32LE(588), raw.readUInt32LE(592)] }),
  };
  assertSane(superblock);
  return {
    ...superblock,
    groups: Math.ceil((superblock.blocks - superblock.firstDataBlock) / superblock.blocksPerGroup),
  };
}

function assertSane(superblock: Omit<Ext4Superblock, 'groups'>): void {
  const { blockBytes, inodeBytes, inodesPerGroup, blocksPerGroup, descriptorBytes } = superblock;
  if (!isPowerOfTwo(inodeBytes) || inodeBytes < 128 || inodeBytes > blockBytes)
    throw damaged(`ext4 inodes of ${inodeBytes} bytes`);
  if (!isPowerOfTwo(descriptorBytes) || descriptorBytes < 32 || descriptorBytes > 1024) {
    throw damaged(`ext4 group descriptors of ${descriptorBytes} bytes`);
  }
  if (inodesPerGroup === 0 || inodesPerGroup > blockBytes * 8) throw damaged(`${inodesPerGroup} ext4 inodes per group`);
  // With bigalloc a group has 8 clusters a byte of its bitmap, each of many blocks: no upper limit to hold it to.
  if (blocksPerGroup === 0) throw damaged(`${blocksPerGroup} ext4 blocks per group`);
  if (superblock.firstDataBlock > 1 || superblock.blocks <= superblock.firstDataBlock)
    throw damaged('ext4 without blocks');
}

/** Byte of the descriptor of a group. */
export function groupDescriptorOffset(superblock: Ext4Superblock, group: number): number {
  const { blockBytes, descriptorBytes, firstMetaGroup, firstDataBlock, blocksPerGroup } = superblock;
  // Not always the first data block: with clusters that is 0 even where the superblock fills block 1.
  const superblockBlock = blockBytes === 1024 ? 1 : 0;
  const perBlock = blockBytes / descriptorBytes;
  const block = Math.floor(group / perBlock);
  const inBlock = (group % perBlock) * descriptorBytes;
  if (firstMetaGroup === undefined || block < firstMetaGroup)
    return (superblockBlock + 1 + block) * blockBytes + inBlock;
  const first = block * perBlock;
  const start =
    firstDataBlock +
    first * blocksPerGroup +
    (hasSuperblockCopy(superblock, first) ? 1 : 0) +
    (first === 0 ? superblockBlock - firstDataBlock : 0);
  return start * blockBytes + inBlock;
}

function hasSuperblockCopy({ hasSparseBackups, backupGroups }: Ext4Superblock, group: number): boolean {
  if (group === 0) return true;
  if (backupGroups !== undefined) return backupGroups.includes(group);
  if (!hasSparseBackups || group === 1) return true;
  return [3, 5, 7].some((base) => isPowerOf(group, base));
}

function isPowerOf(value: number, base: number): boolean {
  let power = base;
  while (power < value) power *= base;
  return power === value;
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0;
}
