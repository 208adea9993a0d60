// Copies an image from a file or an address to a local file, and computes its checksum on the way.

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createError } from '../../errors.js';

export interface Checksum {
  readonly algorithm: 'sha256' | 'sha512';
  /** Lower-case. */
  readonly hex: string;
}

const HEX_LENGTH = { sha256: 64, sha512: 128 } as const;

/** Reads `sha256:HEX` or `sha512:HEX`. Error: SANDBOX_IMAGE_CHECKSUM_FORMAT. */
export function parseChecksum(text: string): Checksum {
  const [, algorithm, hex] = /^(sha256|sha512):([0-9a-f]+)$/i.exec(text.trim()) ?? [];
  const name = algorithm?.toLowerCase();
  if ((name === 'sha256' || name === 'sha512') && hex?.length === HEX_LENGTH[name]) {
    return { algorithm: name, hex: hex.toLowerCase() };
  }
  throw createError('SANDBOX_IMAGE_CHECKSUM_FORMAT', [text]);
}

/**
 * Copies `source` (a path, or a file:, http: or https: address) to `file` and checks it.
 *
 * Errors: SANDBOX_IMAGE_SOURCE when it cannot be read, SANDBOX_IMAGE_CHECKSUM_MISMATCH.
 */
export async function copyImageSource(
  source: string,
  file: string,
  options: { readonly checksum: Checksum; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const { checksum, signal } = options;
  const hash = createHash(checksum.algorithm);
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(undefined, chunk);
    },
  });
  try {
    const stream = await openSource(source, signal);
    await pipeline(stream, meter, createWriteStream(file), signal === undefined ? {} : { signal });
  } catch (cause) {
    signal?.throwIfAborted();
    throw createError('SANDBOX_IMAGE_SOURCE', [source, describe(cause)], { cause });
  }
  const actual = hash.digest('hex');
  if (actual === checksum.hex) return;
  const [wanted, got] = [checksum.hex, actual].map((hex) => `${checksum.algorithm}:${hex}`);
  throw createError('SANDBOX_IMAGE_CHECKSUM_MISMATCH', [source, wanted ?? '', got ?? '']);
}

async function openSource(source: string, signal: AbortSignal | undefined): Promise<Readable> {
  if (source.startsWith('file:')) return createReadStream(fileURLToPath(source));
  if (!/^https?:\/\//.test(source)) return createReadStream(source);
  const response = await fetch(source, signal === undefined ? {} : { signal });
  if (!response.ok || response.body === null) throw new Error(`the server answered ${response.status}`);
  return Readable.fromWeb(response.body);
}

// fetch says only "fetch failed"; what happened is in its cause.
function describe(error: unknown): string {
  const { message, cause } = error as { readonly message?: string; readonly cause?: { readonly message?: string } };
  return [message ?? String(error), cause?.message].filter((part) => part !== undefined && part !== '').join(': ');
}
