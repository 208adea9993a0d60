import { createError } from '../../../errors.js';

/**
 * A 64-bit value as a number.
 * Errors: SCAN_IMAGE_DAMAGED beyond 2^53: no disk is that large, so the field is not what it should be.
 */
export function toSafeNumber(value: bigint, what: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged(`${what} is ${value}`);
  return Number(value);
}

/** The error of a structure that cannot be right. */
export function damaged(problem: string): Error {
  return createError('SCAN_IMAGE_DAMAGED', [problem]);
}

/** Part of `bytes`. Errors: SCAN_IMAGE_DAMAGED when a length or offset inside them leads out of them. */
export function sliceBytes(bytes: Buffer, start: number, length: number): Buffer {
  if (start < 0 || length < 0 || start + length > bytes.length) throw damaged('a field leads out of its block');
  return bytes.subarray(start, start + length);
}

/** `xxxxxxxx-xxxx-…` of 16 bytes in the order they are written. */
export function formatUuid(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

/** Text up to the first NUL. */
export function textUntilNul(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end === -1 ? bytes.length : end);
}
