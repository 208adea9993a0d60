import type { BlockSource } from '../block-source.js';
import { damaged, sliceBytes, toSafeNumber } from '../bytes.js';
import type { Extent } from '../filesystem.js';
import { FORK_FORMAT, type Fork } from './inode.js';
import { blockOffset, type XfsSuperblock } from './superblock.js';

const MAGIC_V4 = 0x424d4150; // BMAP
const MAGIC_V5 = 0x424d4133; // BMA3
const HEADER_V4_BYTES = 24;
const HEADER_V5_BYTES = 72;
const RECORD_BYTES = 16;
// xfs_bmbt: nine levels hold the largest file there can be.
const MAX_LEVEL = 9;
// A fragmented 1 TiB file has about a million.
const MAX_EXTENTS = 1_000_000;

interface XfsExtentWalk {
  readonly source: BlockSource;
  readonly superblock: XfsSuperblock;
  readonly fork: Fork;
  /** Blocks from the start of the fork that are wanted. */
  readonly wantedBlocks: number;
}

/** The extents of the first blocks of a fork, in order. Errors: SCAN_IMAGE_DAMAGED. */
export async function listXfsExtents(walk: XfsExtentWalk): Promise<Extent[]> {
  const { fork, superblock } = walk;
  if (fork.format === FORK_FORMAT.extents) {
    const records = sliceBytes(fork.bytes, 0, Math.min(fork.extentCount, MAX_EXTENTS) * RECORD_BYTES);
    return parseRecords(records, superblock).filter(({ logicalBlock }) => logicalBlock < walk.wantedBlocks);
  }
  if (fork.format !== FORK_FORMAT.btree) throw damaged(`a fork of format ${fork.format}`);
  return listTreeExtents(walk);
}

async function listTreeExtents(walk: XfsExtentWalk): Promise<Extent[]> {
  const { fork, superblock } = walk;
  const found: Extent[] = [];
  const level = fork.bytes.readUInt16BE(0);
  if (level === 0 || level > MAX_LEVEL) throw damaged(`an extent tree of ${level} levels`);
  const root = { bytes: fork.bytes, header: 4, records: fork.bytes.readUInt16BE(2) };
  const pending = listChildren(walk, root).map((block) => ({ block, level: level - 1 }));
  const visited = new Set<number>();
  // As in ext4: a sound tree has no more nodes than blocks are wanted. Directories ask for 32 GiB, so also a fixed limit.
  const maxNodes = Math.min(walk.wantedBlocks, MAX_EXTENTS) + MAX_LEVEL;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (visited.has(next.block) || visited.size >= maxNodes) throw damaged('an extent tree leads back into itself');
    visited.add(next.block);
    const node = await readNode(walk, next);
    if (next.level === 0) {
      const records = sliceBytes(node.bytes, node.header, node.records * RECORD_BYTES);
      for (const extent of parseRecords(records, superblock)) found.push(extent);
      if (found.length > MAX_EXTENTS) throw damaged('a file of too many pieces');
    } else pending.push(...listChildren(walk, node).map((block) => ({ block, level: next.level - 1 })));
  }
  return found.filter(({ logicalBlock }) => logicalBlock < walk.wantedBlocks);
}

interface TreeNode {
  readonly bytes: Buffer;
  readonly header: number;
  readonly records: number;
}

async function readNode(
  { source, superblock }: XfsExtentWalk,
  at: { block: number; level: number },
): Promise<TreeNode> {
  const bytes = await source.read(blockOffset(superblock, at.block), superblock.blockBytes);
  const isSound =
    bytes.readUInt32BE(0) === (superblock.isVersion5 ? MAGIC_V5 : MAGIC_V4) && bytes.readUInt16BE(4) === at.level;
  if (!isSound) throw damaged('an extent tree node is not one');
  return { bytes, header: superblock.isVersion5 ? HEADER_V5_BYTES : HEADER_V4_BYTES, records: bytes.readUInt16BE(6) };
}

/** Blocks below a node whose first block is wanted, the last one first (they are taken from the end). */
function listChildren({ wantedBlocks }: XfsExtentWalk, { bytes, header, records }: TreeNode): number[] {
  const room = Math.floor((bytes.length - header) / RECORD_BYTES);
  if (records > room) throw damaged('an extent tree node is too full');
  return Array.from({ length: records }, (_, at) => ({
    key: bytes.readBigUInt64BE(header + at * 8),
    block: bytes.readBigUInt64BE(header + room * 8 + at * 8),
  }))
    .filter(({ key }) => key < BigInt(wantedBlocks))
    .map(({ block }) => toSafeNumber(block, 'a block number'))
    .toReversed();
}

/** 128 bits: 1 unwritten, 54 logical block, 52 block, 21 count. */
function parseRecords(records: Buffer, superblock: XfsSuperblock): Extent[] {
  return Array.from({ length: records.length / RECORD_BYTES }, (_, at) => {
    const high = records.readBigUInt64BE(at * RECORD_BYTES);
    const low = records.readBigUInt64BE(at * RECORD_BYTES + 8);
    return {
      isUnwritten: high >> 63n === 1n,
      logicalBlock: toSafeNumber((high >> 9n) & ((1n << 54n) - 1n), 'a logical block'),
      offset: blockOffset(superblock, toSafeNumber(((high & 0x1ffn) << 43n) | (low >> 21n), 'a block number')),
      blocks: Number(low & 0x1fffffn),
    };
  });
}
