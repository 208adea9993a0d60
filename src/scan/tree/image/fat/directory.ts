// A directory of FAT: records of 32 bytes, with long names in records before the one that they belong to.
// Layout: Microsoft's "FAT: General Overview of On-Disk Format" 1.03.

export const RECORD_BYTES = 32;

export interface FatRecord {
  /** Bytes of the name in UTF-8, as latin1. */
  readonly rawName: string;
  readonly isDirectory: boolean;
  readonly cluster: number;
  readonly size: number;
  /** Seconds since the epoch. FAT keeps local time without its zone: read as UTC. */
  readonly modifiedAt: number;
}

const ATTRIBUTE = { volumeLabel: 0x08, directory: 0x10, longName: 0x0f } as const;
const DELETED = 0xe5;
/** Of the last part of a long name, which comes first. */
const LAST_PART = 0x40;
/** Places of the thirteen characters in a part of a long name. */
const CHARACTERS = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];

/** The records of a directory's bytes without `.` and `..`; a record of zeros ends it. */
export function parseFatDirectory(bytes: Buffer): readonly FatRecord[] {
  const found: FatRecord[] = [];
  let parts: LongNamePart[] = [];
  for (let offset = 0; offset + RECORD_BYTES <= bytes.length; offset += RECORD_BYTES) {
    const record = bytes.subarray(offset, offset + RECORD_BYTES);
    const first = record.readUInt8(0);
    if (first === 0) break;
    const attributes = record.readUInt8(11);
    if (first !== DELETED && (attributes & 0x3f) === ATTRIBUTE.longName) {
      parts = (first & LAST_PART) !== 0 ? [readPart(record)] : [...parts, readPart(record)];
      continue;
    }
    const longName = joinParts(parts, record);
    parts = [];
    if (first === DELETED || (attributes & ATTRIBUTE.volumeLabel) !== 0) continue;
    const rawName = longName ?? readShortName(record);
    if (rawName !== '.' && rawName !== '..') found.push(toRecord(record, rawName));
  }
  return found;
}

/** The label that a root directory holds; it counts before that of the boot sector. */
export function findVolumeLabel(bytes: Buffer): string | undefined {
  for (let offset = 0; offset + RECORD_BYTES <= bytes.length; offset += RECORD_BYTES) {
    const first = bytes.readUInt8(offset);
    if (first === 0) return undefined;
    const attributes = bytes.readUInt8(offset + 11) & 0x3f;
    const isLabel = (attributes & ATTRIBUTE.volumeLabel) !== 0 && attributes !== ATTRIBUTE.longName;
    if (first !== DELETED && isLabel) return bytes.toString('latin1', offset, offset + 11).trimEnd();
  }
  return undefined;
}

function toRecord(record: Buffer, rawName: string): FatRecord {
  return {
    rawName,
    isDirectory: (record.readUInt8(11) & ATTRIBUTE.directory) !== 0,
    cluster: record.readUInt16LE(26) + record.readUInt16LE(20) * 65536,
    size: record.readUInt32LE(28),
    modifiedAt: readTime(record.readUInt16LE(24), record.readUInt16LE(22)),
  };
}

interface LongNamePart {
  readonly order: number;
  readonly checksum: number;
  readonly text: string;
}

function readPart(record: Buffer): LongNamePart {
  const codes = CHARACTERS.map((at) => record.readUInt16LE(at));
  const end = codes.indexOf(0);
  const text = String.fromCharCode(...(end === -1 ? codes : codes.slice(0, end)));
  return { order: record.readUInt8(0) & 0x1f, checksum: record.readUInt8(13), text };
}

/** Undefined when the parts are not whole or belong to another record: then the short name counts, as for Linux. */
function joinParts(parts: readonly LongNamePart[], record: Buffer): string | undefined {
  if (parts.length === 0) return undefined;
  const checksum = checksumOf(record);
  const isWhole = parts.every((part, at) => part.order === parts.length - at && part.checksum === checksum);
  if (!isWhole) return undefined;
  const name = parts.map(({ text }) => text).toReversed();
  return Buffer.from(name.join(''), 'utf8').toString('latin1');
}

function checksumOf(record: Buffer): number {
  let sum = 0;
  for (const byte of record.subarray(0, 11)) sum = (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff;
  return sum;
}

/** Windows NT notes in byte 12 that the name or its ending is in lower case. */
function readShortName(record: Buffer): string {
  const flags = record.readUInt8(12);
  // 0xE5 would say that the record is deleted, so 0x05 stands for it.
  const start = record.readUInt8(0) === 0x05 ? '\xe5' : record.toString('latin1', 0, 1);
  const name = `${start}${record.toString('latin1', 1, 8)}`.trimEnd();
  const ending = record.toString('latin1', 8, 11).trimEnd();
  const shownName = (flags & 0x08) === 0 ? name : name.toLowerCase();
  const shownEnding = (flags & 0x10) === 0 ? ending : ending.toLowerCase();
  return shownEnding === '' ? shownName : `${shownName}.${shownEnding}`;
}

function readTime(date: number, time: number): number {
  const day = Date.UTC(1980 + (date >> 9), Math.max(((date >> 5) & 15) - 1, 0), Math.max(date & 31, 1));
  return day / 1000 + (time >> 11) * 3600 + ((time >> 5) & 63) * 60 + (time & 31) * 2;
}
