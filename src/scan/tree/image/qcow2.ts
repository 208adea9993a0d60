// Reads qcow2 version 2 and 3 (QEMU's docs/interop/qcow2.txt). What would lead to another file (backing file, external
// data file) is refused: an image must not choose which files of this machine are read.

import * as zlib from 'node:zlib';
import { createError } from '../../../errors.js';
import { limits } from '../../../lib/limits.js';
import { assertInside, type BlockSource } from './block-source.js';
import { damaged, toSafeNumber } from './bytes.js';

const QCOW2_MAGIC = 0x514649fb;

// QEMU's own limits (block/qcow2.h): a header that asks for more is damaged.
const MAX_L1_BYTES = 32 * 1024 * 1024;
const MIN_CLUSTER_BITS = 9;
const MAX_CLUSTER_BITS = Math.log2(limits.qcow2ClusterBytes);
const CACHED_L2_TABLES = 128;

const INCOMPATIBLE = { dirty: 1n, corrupt: 2n, externalData: 4n, compressionType: 8n, extendedL2: 16n } as const;

interface Qcow2Header {
  readonly size: number;
  readonly clusterBits: number;
  readonly clusterBytes: number;
  readonly l1: BigUint64Array;
  readonly isZstd: boolean;
}

/**
 * The disk inside of a qcow2 file.
 * Errors: SCAN_IMAGE_DAMAGED, SCAN_IMAGE_UNSUPPORTED.
 */
export async function openQcow2Source(file: BlockSource): Promise<BlockSource> {
  const header = await readHeader(file);
  const { size, clusterBytes } = header;
  const l2Tables = new Map<number, Buffer>();
  let lastInflated: { readonly entry: bigint; readonly bytes: Buffer } | undefined;

  async function readL2(offset: number): Promise<Buffer> {
    const hit = l2Tables.get(offset);
    if (hit !== undefined) return hit;
    const table = await file.read(offset, clusterBytes);
    l2Tables.set(offset, table);
    for (const oldest of l2Tables.size > CACHED_L2_TABLES ? l2Tables.keys() : []) {
      l2Tables.delete(oldest);
      break;
    }
    return table;
  }

  async function findL2Entry(cluster: number): Promise<bigint> {
    const perTable = clusterBytes / 8;
    const l1Entry = header.l1[Math.floor(cluster / perTable)] ?? 0n;
    const l2Offset = Number(l1Entry & OFFSET_MASK);
    if (l2Offset === 0) return 0n;
    return (await readL2(l2Offset)).readBigUInt64BE((cluster % perTable) * 8);
  }

  async function readInCluster(cluster: number, start: number, length: number): Promise<Buffer> {
    const entry = await findL2Entry(cluster);
    if ((entry & COMPRESSED) !== 0n) {
      if (lastInflated?.entry !== entry) lastInflated = { entry, bytes: await inflateCluster(file, header, entry) };
      return lastInflated.bytes.subarray(start, start + length);
    }
    if (isUnwritten(entry)) return Buffer.alloc(length);
    const offset = Number(entry & OFFSET_MASK);
    // qemu-img may cut the file inside of the last cluster; what is missing reads as zeros.
    const available = Math.max(0, Math.min(length, file.size - offset - start));
    if (available === 0) throw damaged(`cluster ${cluster} lies beyond the end of the file`);
    const bytes = await file.read(offset + start, available);
    return available === length ? bytes : Buffer.concat([bytes], length);
  }

  return {
    size,
    async read(offset, length) {
      assertInside({ size }, offset, length);
      const pieces: Buffer[] = [];
      for (let at = offset; at < offset + length; ) {
        const start = at % clusterBytes;
        const piece = Math.min(clusterBytes - start, offset + length - at);
        pieces.push(await readInCluster((at - start) / clusterBytes, start, piece));
        at += piece;
      }
      return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces, length);
    },
    async isHole(offset, length) {
      for (let at = offset - (offset % clusterBytes); at < offset + length; at += clusterBytes) {
        if (!isUnwritten(await findL2Entry(at / clusterBytes))) return false;
      }
      return true;
    },
    close: () => file.close(),
  };
}

function isUnwritten(entry: bigint): boolean {
  if ((entry & COMPRESSED) !== 0n) return false;
  return (entry & OFFSET_MASK) === 0n || (entry & READS_AS_ZERO) !== 0n;
}

const OFFSET_MASK = 0x00fffffffffffe00n;
const COMPRESSED = 1n << 62n;
const READS_AS_ZERO = 1n;

async function readHeader(file: BlockSource): Promise<Qcow2Header> {
  const fixed = await file.read(0, Math.min(file.size, 112));
  if (fixed.length < 72 || fixed.readUInt32BE(0) !== QCOW2_MAGIC) throw damaged('the qcow2 header is cut off');
  const version = fixed.readUInt32BE(4);
  if (version !== 2 && version !== 3) throw createError('SCAN_IMAGE_UNSUPPORTED', [`qcow2 version ${version}`]);
  if (fixed.readBigUInt64BE(8) !== 0n) throw createError('SCAN_IMAGE_UNSUPPORTED', ['a qcow2 backing file']);
  if (fixed.readUInt32BE(32) !== 0) throw createError('SCAN_IMAGE_UNSUPPORTED', ['qcow2 encryption']);
  const isZstd = version === 3 && checkFeatures(fixed);
  const clusterBits = fixed.readUInt32BE(20);
  if (clusterBits < MIN_CLUSTER_BITS || clusterBits > MAX_CLUSTER_BITS)
    throw damaged(`qcow2 cluster bits: ${clusterBits}`);
  const clusterBytes = 2 ** clusterBits;
  const size = toSafeNumber(fixed.readBigUInt64BE(24), 'the qcow2 disk size');
  const l1Entries = fixed.readUInt32BE(36);
  const needed = Math.ceil(size / (clusterBytes * (clusterBytes / 8)));
  if (l1Entries * 8 > MAX_L1_BYTES || l1Entries < needed) throw damaged(`a qcow2 L1 table of ${l1Entries} entries`);
  const l1Bytes = await file.read(
    toSafeNumber(fixed.readBigUInt64BE(40), 'the place of the qcow2 L1 table'),
    needed * 8,
  );
  const l1 = BigUint64Array.from({ length: needed }, (_, at) => l1Bytes.readBigUInt64BE(at * 8));
  return { size, clusterBits, clusterBytes, l1, isZstd };
}

/** True when compressed clusters are zstd. */
function checkFeatures(fixed: Buffer): boolean {
  if (fixed.length < 104) throw damaged('the qcow2 header is cut off');
  const incompatible = fixed.readBigUInt64BE(72);
  if ((incompatible & INCOMPATIBLE.corrupt) !== 0n) throw damaged('its qcow2 header is marked corrupt');
  if ((incompatible & INCOMPATIBLE.externalData) !== 0n) {
    throw createError('SCAN_IMAGE_UNSUPPORTED', ['a qcow2 external data file']);
  }
  if ((incompatible & INCOMPATIBLE.extendedL2) !== 0n)
    throw createError('SCAN_IMAGE_UNSUPPORTED', ['qcow2 extended L2 entries']);
  if (incompatible >= 32n)
    throw createError('SCAN_IMAGE_UNSUPPORTED', [`qcow2 features 0x${incompatible.toString(16)}`]);
  if ((incompatible & INCOMPATIBLE.compressionType) === 0n || fixed.readUInt32BE(100) < 105) return false;
  const type = fixed.readUInt8(104);
  if (type > 1) throw createError('SCAN_IMAGE_UNSUPPORTED', [`qcow2 compression type ${type}`]);
  return type === 1;
}

async function inflateCluster(file: BlockSource, header: Qcow2Header, entry: bigint): Promise<Buffer> {
  const offsetBits = BigInt(62 - (header.clusterBits - 8));
  const offset = Number(entry & ((1n << offsetBits) - 1n));
  const sectors = Number((entry & (COMPRESSED - 1n)) >> offsetBits) + 1;
  const length = Math.min(sectors * 512 - (offset % 512), file.size - offset);
  const packed = await file.read(offset, length);
  const unpacked = header.isZstd ? unpackZstd(packed, header.clusterBytes) : unpackDeflate(packed, header.clusterBytes);
  if (unpacked.length < header.clusterBytes) throw damaged('a compressed qcow2 cluster is too short');
  return unpacked.subarray(0, header.clusterBytes);
}

function unpackDeflate(packed: Buffer, clusterBytes: number): Buffer {
  try {
    // The sectors hold more than the stream: SYNC_FLUSH takes what there is instead of asking for an end mark.
    return zlib.inflateRawSync(packed, { maxOutputLength: clusterBytes, finishFlush: zlib.constants.Z_SYNC_FLUSH });
  } catch (error) {
    throw createError('SCAN_IMAGE_DAMAGED', ['a compressed qcow2 cluster cannot be unpacked'], { cause: error });
  }
}

/** Node has zstd since 22.15; before, the user has to convert. */
function unpackZstd(packed: Buffer, clusterBytes: number): Buffer {
  const { zstdDecompressSync } = zlib as {
    zstdDecompressSync?: (packed: Buffer, options: { readonly maxOutputLength: number }) => Buffer;
  };
  if (zstdDecompressSync === undefined) {
    throw createError('SCAN_IMAGE_UNSUPPORTED', ['qcow2 clusters packed with zstd (needs Node 22.15 or newer)']);
  }
  try {
    // A few bytes can stand for gigabytes.
    return zstdDecompressSync(packed, { maxOutputLength: clusterBytes });
  } catch (error) {
    throw createError('SCAN_IMAGE_DAMAGED', ['a compressed qcow2 cluster cannot be unpacked'], { cause: error });
  }
}
