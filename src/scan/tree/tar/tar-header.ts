// One 512-byte header of a tar stream: POSIX ustar, with what GNU tar adds (numbers above 8 GiB in base 256).

import { createError } from '../../../errors.js';

export const TAR_BLOCK_BYTES = 512;

export interface TarHeader {
  /** Bytes as latin1, as are all names of this room. */
  readonly rawName: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly modifiedAt: number;
  readonly typeFlag: string;
  readonly rawLinkName: string;
}

/** The header, or undefined for the zeros that end a stream. Errors: SCAN_STREAM_DAMAGED. */
export function parseTarHeader(block: Buffer): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (checksumOf(block) !== numberAt(block, 148, 8)) {
    throw createError('SCAN_STREAM_DAMAGED', ['the checksum of a header is wrong']);
  }
  const isUstar = block.toString('latin1', 257, 262) === 'ustar';
  // GNU's own format keeps times where ustar keeps a prefix.
  const prefix = isUstar && block.toString('latin1', 262, 264) !== ' \0' ? textAt(block, 345, 155) : '';
  const name = textAt(block, 0, 100);
  return {
    rawName: prefix === '' ? name : `${prefix}/${name}`,
    mode: numberAt(block, 100, 8) & 0o7777,
    uid: numberAt(block, 108, 8),
    gid: numberAt(block, 116, 8),
    size: numberAt(block, 124, 12),
    modifiedAt: numberAt(block, 136, 12),
    typeFlag: block.toString('latin1', 156, 157),
    rawLinkName: textAt(block, 157, 100),
  };
}

/** Bytes of content with the zeros that fill its last block. */
export function paddedSize(size: number): number {
  return Math.ceil(size / TAR_BLOCK_BYTES) * TAR_BLOCK_BYTES;
}

function checksumOf(block: Buffer): number {
  let sum = 8 * 0x20;
  for (const byte of block.subarray(0, 148)) sum += byte;
  for (const byte of block.subarray(156)) sum += byte;
  return sum;
}

function textAt(block: Buffer, start: number, length: number): string {
  const text = block.toString('latin1', start, start + length);
  const end = text.indexOf('\0');
  return end === -1 ? text : text.slice(0, end);
}

function numberAt(block: Buffer, start: number, length: number): number {
  const first = block.readUInt8(start);
  if ((first & 0x80) === 0) {
    const text = textAt(block, start, length).trim();
    if (text === '') return 0;
    if (!/^[0-7]+$/.test(text)) throw createError('SCAN_STREAM_DAMAGED', ['a header holds a number that is none']);
    return Number.parseInt(text, 8);
  }
  const isNegative = first === 0xff;
  let value = isNegative ? -1n : BigInt(first & 0x7f);
  for (const byte of block.subarray(start + 1, start + length)) value = value * 256n + BigInt(byte);
  if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < -(2n ** 40n)) {
    throw createError('SCAN_STREAM_DAMAGED', ['a header holds a number that is too large']);
  }
  return Number(value);
}
