// The block map of ext2 and ext3: 12 direct blocks, then one, two and three levels of indirection.

import { damaged } from '../bytes.js';
import type { Extent } from '../filesystem.js';
import type { ExtentWalk } from './extents.js';
import { BLOCK_AREA } from './inode.js';

const DIRECT_BLOCKS = 12;

/** The first blocks of a file as extents, neighbours joined. Errors: SCAN_IMAGE_DAMAGED. */
export async function listMappedExtents(walk: ExtentWalk): Promise<Extent[]> {
  const { inode, blockBytes, wantedBlocks } = walk;
  const perBlock = blockBytes / 4;
  const found: Extent[] = [];
  const visited = new Set<number>();
  const pointerAt = (at: number) => inode.raw.readUInt32LE(BLOCK_AREA.start + at * 4);
  for (let at = 0; at < Math.min(DIRECT_BLOCKS, wantedBlocks); at += 1)
    addBlock(found, at, pointerAt(at) * blockBytes, blockBytes);
  let logicalBlock = DIRECT_BLOCKS;
  for (let level = 1; level <= 3 && logicalBlock < wantedBlocks; level += 1) {
    await addIndirect({ walk, found, visited }, { block: pointerAt(DIRECT_BLOCKS + level - 1), level, logicalBlock });
    logicalBlock += perBlock ** level;
  }
  return found;
}

interface MapState {
  readonly walk: ExtentWalk;
  readonly found: Extent[];
  readonly visited: Set<number>;
}

interface IndirectBlock {
  readonly block: number;
  readonly level: number;
  readonly logicalBlock: number;
}

/** At most three calls deep. */
async function addIndirect(state: MapState, { block, level, logicalBlock }: IndirectBlock): Promise<void> {
  const { walk, found, visited } = state;
  if (block === 0) return;
  if (visited.has(block)) throw damaged('a block map leads back into itself');
  visited.add(block);
  const { source, blockBytes, wantedBlocks } = walk;
  const pointers = await source.read(block * blockBytes, blockBytes);
  const covered = (blockBytes / 4) ** (level - 1);
  for (let at = 0; at < blockBytes / 4; at += 1) {
    const start = logicalBlock + at * covered;
    if (start >= wantedBlocks) return;
    const pointer = pointers.readUInt32LE(at * 4);
    if (level > 1) await addIndirect(state, { block: pointer, level: level - 1, logicalBlock: start });
    else addBlock(found, start, pointer * blockBytes, blockBytes);
  }
}

function addBlock(found: Extent[], logicalBlock: number, offset: number, blockBytes: number): void {
  if (offset === 0) return;
  const last = found.at(-1);
  const continues =
    last !== undefined &&
    last.logicalBlock + last.blocks === logicalBlock &&
    last.offset + last.blocks * blockBytes === offset;
  if (continues) found[found.length - 1] = { ...last, blocks: last.blocks + 1 };
  else found.push({ logicalBlock, offset, blocks: 1, isUnwritten: false });
}
