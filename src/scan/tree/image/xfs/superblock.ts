// The XFS superblock. Offsets: "XFS Algorithms & Data Structures", 3rd edition, and fs/xfs/libxfs/xfs_format.h.

import { createError } from '../../../../errors.js';
import type { BlockSource } from '../block-source.js';
import { damaged, formatUuid, textUntilNul, toSafeNumber } from '../bytes.js';

export interface XfsSuperblock {
  readonly blockBytes: number;
  readonly blocks: number;
  readonly rootInode: number;
  readonly groupBlocks: number;
  readonly groupBlocksLog: number;
  readonly groups: number;
  readonly inodeBytes: number;
  readonly inodesPerBlockLog: number;
  readonly directoryBlockBytes: number;
  /** Version 5: metadata carries checksums and longer headers. */
  readonly isVersion5: boolean;
  /** Directory records carry a type byte. */
  readonly hasFileType: boolean;
  readonly needsRepair: boolean;
  readonly log: {
    /** Byte where it starts; 0 when it is on a device of its own. */
    readonly offset: number;
    readonly blocks: number;
  };
  readonly uuid: string;
  readonly label: string;
}

const MAGIC = 0x58465342;
const FILE_TYPE_INCOMPATIBLE = 0x1;
const NEEDS_REPAIR = 0x10;
// ftype, sparse inodes, meta_uuid, bigtime, needsrepair, nrext64, exchange-range, parent pointers.
const KNOWN_INCOMPATIBLE = 0xff;
const FILE_TYPE_FEATURE2 = 0x200;
const MORE_FEATURES = 0x8000;

/** True when the source holds XFS. */
export async function isXfs(source: BlockSource): Promise<boolean> {
  return source.size >= 512 && (await source.read(0, 512)).readUInt32BE(0) === MAGIC;
}

/** Errors: SCAN_IMAGE_DAMAGED, SCAN_IMAGE_UNSUPPORTED. */
export async function readXfsSuperblock(source: BlockSource): Promise<XfsSuperblock> {
  const raw = await source.read(0, 512);
  if (raw.readUInt32BE(0) !== MAGIC) throw damaged('no XFS superblock');
  const versionNumber = raw.readUInt16BE(100);
  const version = versionNumber & 0xf;
  if (version !== 4 && version !== 5) throw createError('SCAN_IMAGE_UNSUPPORTED', [`XFS version ${version}`]);
  const incompatible = version === 5 ? raw.readUInt32BE(216) : 0;
  const unknown = incompatible & ~KNOWN_INCOMPATIBLE;
  if (unknown !== 0) throw createError('SCAN_IMAGE_UNSUPPORTED', [`XFS features 0x${(unknown >>> 0).toString(16)}`]);
  const features2 = (versionNumber & MORE_FEATURES) === 0 ? 0 : raw.readUInt32BE(200);
  const superblock = {
    blockBytes: raw.readUInt32BE(4),
    blocks: toSafeNumber(raw.readBigUInt64BE(8), 'the number of XFS blocks'),
    rootInode: toSafeNumber(raw.readBigUInt64BE(56), 'the XFS root inode'),
    groupBlocks: raw.readUInt32BE(84),
    groupBlocksLog: raw.readUInt8(124),
    groups: raw.readUInt32BE(88),
    inodeBytes: raw.readUInt16BE(104),
    inodesPerBlockLog: raw.readUInt8(123),
    directoryBlockBytes: raw.readUInt32BE(4) * 2 ** raw.readUInt8(192),
    isVersion5: version === 5,
    hasFileType: version === 5 ? (incompatible & FILE_TYPE_INCOMPATIBLE) !== 0 : (features2 & FILE_TYPE_FEATURE2) !== 0,
    needsRepair: (incompatible & NEEDS_REPAIR) !== 0,
    uuid: formatUuid(raw.subarray(32, 48)),
    label: textUntilNul(raw.subarray(108, 120)),
  };
  assertSane(superblock);
  const logStart = toSafeNumber(raw.readBigUInt64BE(48), 'the start of the XFS log');
  const log = { offset: logStart === 0 ? 0 : blockOffset(superblock, logStart), blocks: raw.readUInt32BE(96) };
  return { ...superblock, log };
}

type Geometry = Omit<XfsSuperblock, 'log'>;

function assertSane(superblock: Geometry): void {
  const { blockBytes, inodeBytes, directoryBlockBytes, groupBlocks, groupBlocksLog, inodesPerBlockLog } = superblock;
  if (!isPowerOfTwo(blockBytes) || blockBytes < 512 || blockBytes > 65536)
    throw damaged(`XFS blocks of ${blockBytes} bytes`);
  if (!isPowerOfTwo(inodeBytes) || inodeBytes < 256 || inodeBytes > 2048 || inodeBytes > blockBytes) {
    throw damaged(`XFS inodes of ${inodeBytes} bytes`);
  }
  if (directoryBlockBytes > 65536) throw damaged(`XFS directory blocks of ${directoryBlockBytes} bytes`);
  if (groupBlocksLog > 31 || groupBlocks === 0 || groupBlocks > 2 ** groupBlocksLog)
    throw damaged('XFS groups without size');
  if (2 ** inodesPerBlockLog * inodeBytes !== blockBytes) throw damaged('XFS inodes that do not fill their block');
}

/** Byte of a block given as XFS numbers it: group in the upper bits, block of the group in the lower. */
export function blockOffset(superblock: Geometry, block: number): number {
  const { groupBlocksLog, groupBlocks, groups, blockBytes } = superblock;
  const perGroup = 2 ** groupBlocksLog;
  const group = Math.floor(block / perGroup);
  const inGroup = block % perGroup;
  if (group >= groups || inGroup >= groupBlocks) throw damaged(`it has no XFS block ${block}`);
  return (group * groupBlocks + inGroup) * blockBytes;
}

/** Byte of an inode: its number is its place. */
export function inodeOffset(superblock: XfsSuperblock, inode: number): number {
  const perBlock = 2 ** superblock.inodesPerBlockLog;
  return blockOffset(superblock, Math.floor(inode / perBlock)) + (inode % perBlock) * superblock.inodeBytes;
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0;
}
