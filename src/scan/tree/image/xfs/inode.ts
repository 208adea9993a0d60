import { typeOf } from '../../folder/stats-entry.js';
import type { BlockSource } from '../block-source.js';
import { damaged, sliceBytes, toSafeNumber } from '../bytes.js';
import type { Inode } from '../filesystem.js';
import { inodeOffset, type XfsSuperblock } from './superblock.js';

const MAGIC = 0x494e;
const FLAG2_BIGTIME = 0x8n;
const FLAG2_LARGE_EXTENT_COUNTERS = 0x10n;
// Seconds between 1901-12-13, where bigtime starts to count nanoseconds, and 1970.
const BIGTIME_EPOCH_SECONDS = 2 ** 31;

export const FORK_FORMAT = { device: 0, local: 1, extents: 2, btree: 3 } as const;

export interface Fork {
  readonly format: number;
  readonly extentCount: number;
  readonly bytes: Buffer;
}

/** A function that reads inodes. Errors of it: SCAN_IMAGE_DAMAGED. */
export function createXfsInodeReader(
  source: BlockSource,
  superblock: XfsSuperblock,
): (number: number) => Promise<Inode> {
  return async (number) => {
    if (!Number.isSafeInteger(number) || number <= 0) throw damaged(`it has no inode ${number}`);
    const raw = await source.read(inodeOffset(superblock, number), superblock.inodeBytes);
    if (raw.readUInt16BE(0) !== MAGIC) throw damaged(`inode ${number} is not one`);
    const mode = raw.readUInt16BE(2);
    if ((mode & 0o170000) === 0) throw damaged(`inode ${number} is not in use`);
    const type = typeOf(mode);
    return {
      number,
      type,
      mode: mode & 0o7777,
      uid: raw.readUInt32BE(8),
      gid: raw.readUInt32BE(12),
      size: toSafeNumber(raw.readBigUInt64BE(56), `the size of inode ${number}`),
      modifiedAt: modifiedAt(raw),
      raw,
    };
  };
}

/** Where the content of an inode is described. */
export function dataForkOf({ raw }: Inode): Fork {
  const start = coreBytes(raw);
  const attributeStart = raw.readUInt8(82) * 8;
  const length = attributeStart === 0 ? raw.length - start : attributeStart;
  const hasLargeCounters = (flags2(raw) & FLAG2_LARGE_EXTENT_COUNTERS) !== 0n;
  const extentCount = hasLargeCounters
    ? toSafeNumber(raw.readBigUInt64BE(24), 'a number of extents')
    : raw.readUInt32BE(76);
  return { format: raw.readUInt8(5), extentCount, bytes: sliceBytes(raw, start, length) };
}

/** Where the extended attributes are described, if there are any. */
export function attributeForkOf({ raw }: Inode): Fork | undefined {
  const offset = raw.readUInt8(82) * 8;
  if (offset === 0) return undefined;
  const start = coreBytes(raw) + offset;
  const hasLargeCounters = (flags2(raw) & FLAG2_LARGE_EXTENT_COUNTERS) !== 0n;
  const extentCount = hasLargeCounters ? raw.readUInt32BE(76) : raw.readUInt16BE(80);
  return { format: raw.readUInt8(83), extentCount, bytes: sliceBytes(raw, start, raw.length - start) };
}

/** The content is on a separate realtime device, which an image does not hold. */
export function isRealtime({ raw }: Inode): boolean {
  return (raw.readUInt16BE(90) & 1) !== 0;
}

function coreBytes(raw: Buffer): number {
  return raw.readUInt8(4) >= 3 ? 176 : 100;
}

function flags2(raw: Buffer): bigint {
  return raw.readUInt8(4) >= 3 ? raw.readBigUInt64BE(120) : 0n;
}

function modifiedAt(raw: Buffer): number {
  if ((flags2(raw) & FLAG2_BIGTIME) === 0n) return raw.readInt32BE(40);
  return Number(raw.readBigUInt64BE(40) / 1_000_000_000n) - BIGTIME_EPOCH_SECONDS;
}
