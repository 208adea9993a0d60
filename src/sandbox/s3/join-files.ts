import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { StoredContent } from '../world/records.js';
import type { RequestContext } from '../world/services.js';

/** A file of the store, or a part of it: `end` is its last byte. */
export interface FilePiece {
  readonly file: string;
  readonly size: number;
  readonly range?: { readonly start: number; readonly end: number } | undefined;
}

/** Writes pieces one after the other to a new file of the store. */
export async function joinFiles(
  { paths, requestSignal }: Pick<RequestContext, 'paths' | 'requestSignal'>,
  pieces: readonly FilePiece[],
): Promise<StoredContent> {
  const { objectsDir } = paths;
  const file = randomBytes(16).toString('hex');
  const sha256 = createHash('sha256');
  const md5 = createHash('md5');
  let size = 0;

  async function* read(): AsyncGenerator<Buffer> {
    // The stream of an empty file with a range would read from its end.
    for (const piece of pieces.filter((each) => each.size > 0)) {
      for await (const chunk of createReadStream(join(objectsDir, piece.file), piece.range) as AsyncIterable<Buffer>) {
        size += chunk.length;
        sha256.update(chunk);
        md5.update(chunk);
        yield chunk;
      }
    }
  }

  try {
    const target = createWriteStream(join(objectsDir, file), { mode: 0o600, flags: 'wx' });
    await pipeline(read, target, { signal: requestSignal });
  } catch (error) {
    await rm(join(objectsDir, file), { force: true });
    throw error;
  }
  return { file, size, sha256: sha256.digest('hex'), md5: md5.digest('hex') };
}
