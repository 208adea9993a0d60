import type { BlockSource } from '../block-source.js';
import { damaged } from '../bytes.js';
import type { FatLayout } from './boot-sector.js';

/** Reads the content of chains of clusters. */
export interface ChainReader {
  /**
   * The first `length` bytes of the chain that begins with `first`; less where the chain ends before.
   * Errors: SCAN_IMAGE_DAMAGED for a chain that leads out of the filesystem or into itself.
   */
  read(first: number, length: number): Promise<Buffer>;
}

/** Over a source that is cheap to read in small pieces. */
export function createChainReader(source: BlockSource, layout: FatLayout): ChainReader {
  const { clusterBytes, dataOffset, clusters } = layout;
  return {
    async read(first, length) {
      const pieces: Buffer[] = [];
      let left = length;
      let cluster = first;
      for (let count = 0; left > 0 && !isEnd(cluster, layout); count += 1) {
        if (cluster < 2 || cluster >= clusters + 2) throw damaged(`it has no cluster ${cluster}`);
        if (count >= clusters) throw damaged('a chain of clusters leads into itself');
        const bytes = Math.min(left, clusterBytes);
        pieces.push(await source.read(dataOffset + (cluster - 2) * clusterBytes, bytes));
        left -= bytes;
        if (left > 0) cluster = await readNext(source, layout, cluster);
      }
      return Buffer.concat(pieces);
    },
  };
}

/** Marks from …F8 on end a chain; an empty file begins with 0. */
function isEnd(cluster: number, { bits }: FatLayout): boolean {
  const end = { 12: 0xff8, 16: 0xfff8, 32: 0x0ffffff8 }[bits];
  return cluster === 0 || cluster >= end;
}

async function readNext(source: BlockSource, layout: FatLayout, cluster: number): Promise<number> {
  const { bits, tableOffset, tableBytes } = layout;
  const at = Math.floor((cluster * bits) / 8);
  const width = bits === 32 ? 4 : 2;
  if (at + width > tableBytes) throw damaged(`its table has no place for cluster ${cluster}`);
  const entry = await source.read(tableOffset + at, width);
  if (bits === 32) return entry.readUInt32LE(0) & 0x0fffffff;
  const value = entry.readUInt16LE(0);
  if (bits === 16) return value;
  return cluster % 2 === 0 ? value & 0xfff : value >> 4;
}
