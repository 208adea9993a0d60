// The aws-chunked encoding: `<hex size>[;chunk-signature=…]\r\n<data>\r\n … 0\r\n<trailers>\r\n`.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type Authorization, deriveSigningKey } from '../server/signature.js';
import { AwsError } from '../wire/aws-error.js';

export interface ChunkSigning {
  readonly authorization: Authorization;
  readonly time: string;
  readonly secretAccessKey: string;
}

const MAX_LINE_BYTES = 8 * 1024;
// Clients send 64 KiB to 1 MiB; a chunk is held in memory until its signature is checked.
const MAX_CHUNK_BYTES = 64 * 1024 * 1024;
const MAX_TRAILERS = 20;
const EMPTY_HASH = createHash('sha256').update('').digest('hex');

/**
 * Takes the chunks of a body apart.
 *
 * @param signing undefined for an unsigned payload
 * @param onTrailer called with each header that follows the last chunk
 * @throws AwsError IncompleteBody, SignatureDoesNotMatch
 */
export async function* decodeChunks(
  body: AsyncIterable<Buffer>,
  signing: ChunkSigning | undefined,
  onTrailer: (name: string, value: string) => void,
): AsyncGenerator<Buffer> {
  const reader = createReader(body);
  const check = signing === undefined ? undefined : createChunkCheck(signing);
  for (;;) {
    const [sizeText = '', ...parameters] = (await reader.readLine()).split(';');
    const size = /^[0-9a-f]{1,8}$/i.test(sizeText) ? Number.parseInt(sizeText, 16) : -1;
    if (size < 0 || size > MAX_CHUNK_BYTES) throw incomplete();
    const data = await reader.read(size);
    check?.(data, parameters.find((each) => each.startsWith('chunk-signature='))?.slice('chunk-signature='.length));
    if (size === 0) break;
    if ((await reader.readLine()) !== '') throw incomplete();
    yield data;
  }
  for (let count = 0; count < MAX_TRAILERS; count += 1) {
    const line = await reader.readLine();
    if (line === '') return;
    const colon = line.indexOf(':');
    onTrailer(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  throw incomplete();
}

type ChunkCheck = (data: Buffer, signature: string | undefined) => void;

/** Every chunk's signature covers that of the chunk before, the first one that of the request. */
function createChunkCheck({ authorization, time, secretAccessKey }: ChunkSigning): ChunkCheck {
  const { date, region, service } = authorization;
  const key = deriveSigningKey(authorization, secretAccessKey);
  let previous = authorization.signature;
  return (data, signature = '') => {
    const hash = createHash('sha256').update(data).digest('hex');
    const scope = `${date}/${region}/${service}/aws4_request`;
    const text = ['AWS4-HMAC-SHA256-PAYLOAD', time, scope, previous, EMPTY_HASH, hash].join('\n');
    const expected = createHmac('sha256', key).update(text).digest();
    const given = Buffer.from(signature, 'hex');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new AwsError('SignatureDoesNotMatch', 'The signature of a chunk does not match', 403);
    }
    previous = signature;
  };
}

function createReader(body: AsyncIterable<Buffer>) {
  const source = body[Symbol.asyncIterator]();
  let buffered = Buffer.alloc(0);

  async function fill(): Promise<boolean> {
    const next = await source.next();
    if (next.done === true) return false;
    buffered = Buffer.concat([buffered, next.value]);
    return true;
  }

  return {
    /** A line without its end; an empty one also at the end of the body, where some clients leave out the last CRLF. */
    async readLine(): Promise<string> {
      let end = buffered.indexOf('\r\n');
      while (end === -1) {
        if (buffered.length > MAX_LINE_BYTES) throw incomplete();
        if (!(await fill())) {
          if (buffered.length > 0) throw incomplete();
          return '';
        }
        end = buffered.indexOf('\r\n');
      }
      const line = buffered.subarray(0, end).toString('latin1');
      buffered = buffered.subarray(end + 2);
      return line;
    },
    async read(size: number): Promise<Buffer> {
      const pieces: Buffer[] = [];
      let missing = size;
      while (missing > 0) {
        if (buffered.length === 0 && !(await fill())) throw incomplete();
        const piece = buffered.subarray(0, missing);
        pieces.push(piece);
        missing -= piece.length;
        buffered = buffered.subarray(piece.length);
      }
      return Buffer.concat(pieces);
    },
  };
}

function incomplete(): AwsError {
  return new AwsError(
    'IncompleteBody',
    'The request body terminated unexpectedly, or is not in the aws-chunked encoding',
  );
}
