// Members of a tar stream, with names, sizes, attributes and holes taken from the GNU and PAX headers before them.

import { createError } from '../../../errors.js';
import type { ByteReader } from './byte-reader.js';
import { parsePax } from './pax.js';
import { paddedSize, parseTarHeader, TAR_BLOCK_BYTES, type TarHeader } from './tar-header.js';

// Extended headers are read into memory; a name and a capability take some hundred bytes.
const MAX_EXTENDED_BYTES = 1024 * 1024;
const MAX_HOLES = 100_000;

export interface TarMember extends TarHeader {
  readonly capability?: Uint8Array;
  /** Bytes that follow in the stream; for a sparse file less than `size`. */
  readonly storedBytes: number;
  /** Where the stored bytes belong; only for sparse files. */
  readonly pieces?: readonly SparsePiece[];
}

export interface SparsePiece {
  readonly offset: number;
  readonly length: number;
}

/**
 * Calls `take` for each member; it must read exactly `paddedSize(member.storedBytes)` bytes.
 * Errors: SCAN_STREAM_DAMAGED, also when the stream ends before its end mark.
 */
export async function readTar(reader: ByteReader, take: (member: TarMember) => Promise<void>): Promise<void> {
  let global = new Map<string, string>();
  let extended = new Map<string, string>();
  for (;;) {
    const header = parseTarHeader(await reader.read(TAR_BLOCK_BYTES));
    if (header === undefined) return;
    switch (header.typeFlag) {
      case 'g':
        global = parsePax(await readExtended(reader, header));
        break;
      case 'x':
        extended = new Map([...extended, ...parsePax(await readExtended(reader, header))]);
        break;
      case 'L':
        extended.set('path', untilNul(await readExtended(reader, header)));
        break;
      case 'K':
        extended.set('linkpath', untilNul(await readExtended(reader, header)));
        break;
      default:
        await take(await createMember(reader, header, new Map([...global, ...extended])));
        extended = new Map();
    }
  }
}

async function readExtended(reader: ByteReader, { size }: TarHeader): Promise<Buffer> {
  if (size > MAX_EXTENDED_BYTES) throw createError('SCAN_STREAM_DAMAGED', [`an extended header of ${size} bytes`]);
  return (await reader.read(paddedSize(size))).subarray(0, size);
}

async function createMember(
  reader: ByteReader,
  header: TarHeader,
  pax: ReadonlyMap<string, string>,
): Promise<TarMember> {
  const capability = pax.get('SCHILY.xattr.security.capability');
  // Links and directories may carry a size, but never content.
  const archived =
    /^[0-67]$|^\0$|^S$/.test(header.typeFlag) && !/^[1-6]$/.test(header.typeFlag)
      ? numberOf(pax, 'size', header.size)
      : 0;
  if (header.typeFlag === 'S')
    throw createError('SCAN_STREAM_DAMAGED', ['it uses the old GNU format for sparse files']);
  const member = {
    ...header,
    rawName: pax.get('GNU.sparse.name') ?? pax.get('path') ?? header.rawName,
    rawLinkName: pax.get('linkpath') ?? header.rawLinkName,
    uid: numberOf(pax, 'uid', header.uid),
    gid: numberOf(pax, 'gid', header.gid),
    modifiedAt: Math.floor(numberOf(pax, 'mtime', header.modifiedAt)),
    size: archived,
    storedBytes: archived,
    ...(capability === undefined ? {} : { capability: Uint8Array.from(Buffer.from(capability, 'latin1')) }),
  };
  if (pax.get('GNU.sparse.major') === undefined) return member;
  if (pax.get('GNU.sparse.major') !== '1') {
    throw createError('SCAN_STREAM_DAMAGED', [`sparse files of version ${pax.get('GNU.sparse.major')}`]);
  }
  const { pieces, mapBytes } = await readSparseMap(reader, archived);
  return { ...member, size: numberOf(pax, 'GNU.sparse.realsize', archived), storedBytes: archived - mapBytes, pieces };
}

/** PAX sparse 1.0: the content starts with the number of pieces and their places, a decimal number a line. */
async function readSparseMap(
  reader: ByteReader,
  archived: number,
): Promise<{ pieces: SparsePiece[]; mapBytes: number }> {
  let text = '';
  let mapBytes = 0;
  for (let wanted = 1; countLines(text) < wanted; ) {
    if (mapBytes + TAR_BLOCK_BYTES > archived)
      throw createError('SCAN_STREAM_DAMAGED', ['a sparse file without its map']);
    text += (await reader.read(TAR_BLOCK_BYTES)).toString('latin1');
    mapBytes += TAR_BLOCK_BYTES;
    const count = text.includes('\n') ? Number.parseInt(text, 10) : 0;
    if (!(count >= 0 && count <= MAX_HOLES))
      throw createError('SCAN_STREAM_DAMAGED', [`a sparse file of ${count} pieces`]);
    if (text.includes('\n')) wanted = 1 + count * 2;
  }
  const [count = 0, ...numbers] = text.split('\n', 1 + MAX_HOLES * 2).map(Number);
  const pieces = Array.from({ length: count }, (_, at) => ({
    offset: numbers[at * 2] ?? 0,
    length: numbers[at * 2 + 1] ?? 0,
  }));
  if (pieces.some(({ offset, length }) => !Number.isSafeInteger(offset + length) || offset < 0 || length < 0)) {
    throw createError('SCAN_STREAM_DAMAGED', ['a sparse file with a map that is none']);
  }
  return { pieces, mapBytes };
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

function numberOf(pax: ReadonlyMap<string, string>, key: string, otherwise: number): number {
  const text = pax.get(key);
  if (text === undefined) return otherwise;
  const value = Number(text);
  const isSound =
    /^-?\d+(\.\d+)?$/.test(text) && Math.abs(value) <= Number.MAX_SAFE_INTEGER && (key === 'mtime' || value >= 0);
  if (!isSound) throw createError('SCAN_STREAM_DAMAGED', [`${key} is ${JSON.stringify(text.slice(0, 40))}`]);
  return value;
}

function untilNul(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\0');
  return end === -1 ? text : text.slice(0, end);
}
