import { close as closeCallback, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const closeFile = promisify(closeCallback);

export interface Spool {
  readonly position: number;
  append(piece: Buffer): void;
  read(offset: number, length: number): Buffer;
  close(): Promise<void>;
}

/**
 * A temporary file that has no name: secrets of the scanned machine pass through it, so it is gone with the process,
 * however that ends.
 */
export function openSpool(): Spool {
  const folder = mkdtempSync(join(tmpdir(), 'buildimg-scan-'));
  const file = openSync(join(folder, 'content'), 'wx+', 0o600);
  rmSync(folder, { recursive: true });
  let position = 0;
  return {
    get position() {
      return position;
    },
    append(piece) {
      for (let done = 0; done < piece.length; )
        done += writeSync(file, piece, done, piece.length - done, position + done);
      position += piece.length;
    },
    read(offset, length) {
      const bytes = Buffer.alloc(length);
      for (let done = 0; done < length; ) {
        const got = readSync(file, bytes, done, length - done, offset + done);
        if (got === 0) break;
        done += got;
      }
      return bytes;
    },
    close: () => closeFile(file),
  };
}
