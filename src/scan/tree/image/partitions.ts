// Partition tables: GPT (UEFI 2.10, chapter 5) and MBR with logical partitions. A table is a stranger's data: every
// partition that does not fit on the disk is left out with a reason.

import type { BlockSource } from './block-source.js';
import { formatUuid, toSafeNumber } from './bytes.js';

export interface Partition {
  /** From 1, as in /dev/sda1. */
  readonly number: number;
  readonly start: number;
  readonly size: number;
  /** GPT type, lower case. */
  readonly typeGuid?: string;
  /** GPT unique id, lower case; for PARTUUID= in fstab. */
  readonly partitionUuid?: string;
  readonly partitionLabel?: string;
}

interface PartitionTable {
  readonly kind: 'gpt' | 'mbr';
  readonly partitions: readonly Partition[];
  readonly problems: readonly string[];
  readonly sectorBytes: number;
  /** Read from the copy in the last sector, because the first one is not there or damaged. */
  readonly isBackup: boolean;
}

const SECTOR_BYTES = 512;
// UEFI reserves 16 KiB, which is 128 entries; sgdisk writes up to 1024.
const MAX_GPT_ENTRIES = 1024;
const MAX_LOGICAL_PARTITIONS = 128;
const EXTENDED_TYPES = new Set([0x05, 0x0f, 0x85]);
const GPT_PROTECTIVE = 0xee;

/** The partition table of a disk, or undefined when there is none. Errors: SCAN_IMAGE_DAMAGED. */
export async function findPartitionTable(disk: BlockSource): Promise<PartitionTable | undefined> {
  if (disk.size < 2 * SECTOR_BYTES) return undefined;
  const gpt = await findGpt(disk);
  if (gpt !== undefined) return gpt;
  const boot = await disk.read(0, SECTOR_BYTES);
  if (boot.readUInt16LE(510) !== 0xaa55) return undefined;
  return readMbr(disk, boot);
}

async function findGpt(disk: BlockSource): Promise<PartitionTable | undefined> {
  // Disks with 4096-byte sectors keep the header at 4096; the copy is in the last sector.
  for (const sectorBytes of [SECTOR_BYTES, 4096]) {
    for (const offset of [sectorBytes, Math.floor(disk.size / sectorBytes) * sectorBytes - sectorBytes]) {
      if (offset < sectorBytes || offset + 92 > disk.size) continue;
      const header = await disk.read(offset, 92);
      if (header.toString('latin1', 0, 8) !== 'EFI PART') continue;
      const table = { ...(await readGpt(disk, header, sectorBytes)), sectorBytes, isBackup: offset !== sectorBytes };
      if (table.partitions.length > 0 || table.problems.length > 0) return table;
    }
  }
  return undefined;
}

type GptContent = Pick<PartitionTable, 'kind' | 'partitions' | 'problems'>;

async function readGpt(disk: BlockSource, header: Buffer, sectorBytes: number): Promise<GptContent> {
  const problems: string[] = [];
  const partitions: Partition[] = [];
  const count = header.readUInt32LE(80);
  const entryBytes = header.readUInt32LE(84);
  if (entryBytes < 128 || entryBytes > 4096 || count > MAX_GPT_ENTRIES) {
    return { kind: 'gpt', partitions, problems: [`the GPT has ${count} entries of ${entryBytes} bytes`] };
  }
  const start = toSafeNumber(header.readBigUInt64LE(72), 'the place of the GPT entries') * sectorBytes;
  const entries = await disk.read(start, count * entryBytes);
  for (let at = 0; at < count; at += 1) {
    const entry = entries.subarray(at * entryBytes, (at + 1) * entryBytes);
    if (entry.subarray(0, 16).every((byte) => byte === 0)) continue;
    const first = Number(entry.readBigUInt64LE(32));
    const last = Number(entry.readBigUInt64LE(40));
    const place = { number: at + 1, start: first * sectorBytes, size: (last - first + 1) * sectorBytes };
    if (!fits(disk, place)) problems.push(`partition ${place.number} does not fit on the disk`);
    else
      partitions.push({
        ...place,
        typeGuid: formatGuid(entry.subarray(0, 16)),
        partitionUuid: formatGuid(entry.subarray(16, 32)),
        partitionLabel: gptLabel(entry),
      });
  }
  return { kind: 'gpt', partitions, problems };
}

async function readMbr(disk: BlockSource, boot: Buffer): Promise<PartitionTable | undefined> {
  const problems: string[] = [];
  const partitions: Partition[] = [];
  const diskId = boot.readUInt32LE(440).toString(16).padStart(8, '0');
  for (const [at, { type, start, size }] of mbrEntries(boot).entries()) {
    // The boot sector of a FAT filesystem carries the same mark; its "entries" are code.
    if (type === 0 || size === 0) continue;
    if (type === GPT_PROTECTIVE) {
      problems.push('the disk says that it has a GPT, but there is none that can be read');
      continue;
    }
    const place = { number: at + 1, start, size };
    if (!fits(disk, place)) problems.push(`partition ${at + 1} does not fit on the disk`);
    else if (EXTENDED_TYPES.has(type)) partitions.push(...(await readLogicalPartitions(disk, start, problems)));
    else partitions.push({ ...place, partitionUuid: `${diskId}-${String(at + 1).padStart(2, '0')}` });
  }
  if (partitions.length === 0 && problems.length === 0) return undefined;
  return { kind: 'mbr', partitions, problems, sectorBytes: SECTOR_BYTES, isBackup: false };
}

/** Follows the chain of extended boot records, which a hostile disk may close into a ring. */
async function readLogicalPartitions(disk: BlockSource, extended: number, problems: string[]): Promise<Partition[]> {
  const found: Partition[] = [];
  const visited = new Set<number>();
  let record = extended;
  while (!visited.has(record) && visited.size < MAX_LOGICAL_PARTITIONS && record + SECTOR_BYTES <= disk.size) {
    visited.add(record);
    const sector = await disk.read(record, SECTOR_BYTES);
    if (sector.readUInt16LE(510) !== 0xaa55) break;
    const [logical, next] = mbrEntries(sector);
    if (logical !== undefined && logical.size > 0) {
      const place = { number: 4 + visited.size, start: record + logical.start, size: logical.size };
      if (fits(disk, place)) found.push(place);
      else problems.push(`partition ${place.number} does not fit on the disk`);
    }
    if (next === undefined || !EXTENDED_TYPES.has(next.type)) return found;
    record = extended + next.start;
  }
  problems.push('the chain of logical partitions is broken');
  return found;
}

function mbrEntries(sector: Buffer) {
  return [446, 462, 478, 494].map((at) => ({
    type: sector.readUInt8(at + 4),
    start: sector.readUInt32LE(at + 8) * SECTOR_BYTES,
    size: sector.readUInt32LE(at + 12) * SECTOR_BYTES,
  }));
}

function fits(disk: BlockSource, { start, size }: { readonly start: number; readonly size: number }): boolean {
  return (
    Number.isSafeInteger(start) && Number.isSafeInteger(size) && start > 0 && size > 0 && start + size <= disk.size
  );
}

/** GUIDs are written with their first three fields in little endian. */
function formatGuid(bytes: Buffer): string {
  const swapped = Buffer.from(bytes);
  swapped.subarray(0, 4).reverse();
  swapped.subarray(4, 6).reverse();
  swapped.subarray(6, 8).reverse();
  return formatUuid(swapped);
}

function gptLabel(entry: Buffer): string {
  return entry.toString('utf16le', 56, 128).replace(/\0.*$/s, '');
}
