import { createError } from '../../../errors.js';

export interface ByteReader {
  /** Exactly `length` bytes. Errors: SCAN_STREAM_DAMAGED when the stream ends before, or brings too much. */
  read(length: number): Promise<Buffer>;
  /** Hands on `length` bytes in the pieces they come in, without keeping them. */
  pass(length: number, take: (piece: Buffer) => void): Promise<void>;
  /** Reads the rest and drops it, so that the other side can end. */
  drain(): Promise<void>;
}

/** Reads a stream piece by piece, up to `maxBytes` in all. */
export function createByteReader(stream: AsyncIterable<Uint8Array>, maxBytes: number): ByteReader {
  const chunks = stream[Symbol.asyncIterator]();
  let current: Buffer = Buffer.alloc(0);
  let received = 0;

  async function fill(): Promise<boolean> {
    const next = await chunks.next();
    if (next.done === true) return false;
    current = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    received += current.length;
    if (received > maxBytes) throw createError('SCAN_STREAM_DAMAGED', [`it is longer than ${maxBytes} bytes`]);
    return true;
  }

  async function pass(length: number, take: (piece: Buffer) => void): Promise<void> {
    for (let left = length; left > 0; ) {
      if (current.length === 0) {
        if (!(await fill()))
          throw createError('SCAN_STREAM_DAMAGED', [`it ends after ${received} bytes, in the middle`]);
        continue;
      }
      const piece = current.subarray(0, Math.min(left, current.length));
      current = current.subarray(piece.length);
      left -= piece.length;
      take(piece);
    }
  }

  return {
    pass,
    async read(length) {
      if (current.length >= length) {
        const bytes = current.subarray(0, length);
        current = current.subarray(length);
        return bytes;
      }
      const pieces: Buffer[] = [];
      await pass(length, (piece) => pieces.push(piece));
      return Buffer.concat(pieces);
    },
    async drain() {
      while (await fill()) current = Buffer.alloc(0);
    },
  };
}
