import type { BlockSource } from '../block-source.js';
import { damaged, sliceBytes } from '../bytes.js';
import type { Extent, Inode } from '../filesystem.js';
import { listMappedExtents } from './block-map.js';
import { BLOCK_AREA, flagsOf, INODE_FLAG } from './inode.js';

const EXTENT_MAGIC = 0xf30a;
// Five levels hold 2^32 blocks with the smallest block size.
const MAX_DEPTH = 5;
const MAX_INITIALISED_BLOCKS = 32768;

export interface ExtentWalk {
  readonly source: BlockSource;
  readonly blockBytes: number;
  readonly inode: Inode;
  /** Blocks from the start of the file that are wanted. */
  readonly wantedBlocks: number;
}

/** The extents of the first blocks of a file, in order. Errors: SCAN_IMAGE_DAMAGED. */
export async function listExt4Extents(walk: ExtentWalk): Promise<Extent[]> {
  const { inode } = walk;
  if ((flagsOf(inode) & INODE_FLAG.extents) === 0) return listMappedExtents(walk);
  const root = inode.raw.subarray(BLOCK_AREA.start, BLOCK_AREA.start + BLOCK_AREA.length);
  const found: Extent[] = [];
  // Every leaf of a sound tree covers a block, so more nodes than blocks are wanted means a damaged one.
  const state = { nodesLeft: walk.wantedBlocks + 64, visited: new Set<number>() };
  const pending: { readonly node: Buffer; readonly depth: number | undefined }[] = [{ node: root, depth: undefined }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node } = next;
    const depth = checkHeader(node, next.depth);
    const entries = Array.from({ length: node.readUInt16LE(2) }, (_, at) => sliceBytes(node, 12 + at * 12, 12));
    if (depth === 0) found.push(...entries.map((entry) => parseExtent(entry, walk.blockBytes)));
    else {
      for (const entry of entries.filter((each) => each.readUInt32LE(0) < walk.wantedBlocks).toReversed()) {
        pending.push({ node: await readNode(walk, entry, state), depth: depth - 1 });
      }
    }
  }
  return found.filter(({ logicalBlock }) => logicalBlock < walk.wantedBlocks);
}

function checkHeader(node: Buffer, expectedDepth: number | undefined): number {
  const depth = node.readUInt16LE(6);
  if (node.readUInt16LE(0) !== EXTENT_MAGIC || depth > MAX_DEPTH) throw damaged('an extent tree node is not one');
  if (expectedDepth !== undefined && depth !== expectedDepth) throw damaged('an extent tree is not level');
  return depth;
}

async function readNode(
  { source, blockBytes }: ExtentWalk,
  entry: Buffer,
  state: { nodesLeft: number; readonly visited: Set<number> },
): Promise<Buffer> {
  const block = entry.readUInt32LE(4) + entry.readUInt16LE(8) * 2 ** 32;
  state.nodesLeft -= 1;
  if (state.visited.has(block) || state.nodesLeft < 0) throw damaged('an extent tree leads back into itself');
  state.visited.add(block);
  return source.read(block * blockBytes, blockBytes);
}

function parseExtent(entry: Buffer, blockBytes: number): Extent {
  const length = entry.readUInt16LE(4);
  const isUnwritten = length > MAX_INITIALISED_BLOCKS;
  return {
    logicalBlock: entry.readUInt32LE(0),
    offset: (entry.readUInt32LE(8) + entry.readUInt16LE(6) * 2 ** 32) * blockBytes,
    blocks: isUnwritten ? length - MAX_INITIALISED_BLOCKS : length,
    isUnwritten,
  };
}
