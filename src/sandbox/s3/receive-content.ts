// A body on its way into a file: hashed as it comes, held against everything that the client says of it, and gone again
// when any of that is not true.

import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ensurePrivateFolder } from '../../private-folder.js';
import type { Authorization } from '../server/signature.js';
import { AwsError } from '../wire/aws-error.js';
import type { StoredContent } from '../world/records.js';
import { startChecksum } from './checksums.js';
import { decodeChunks } from './chunked-content.js';

/** What was received, with the checksums that were asked for (`x-amz-checksum-crc32` → base64). */
export interface ReceivedContent extends StoredContent {
  readonly checksums: Readonly<Record<string, string>>;
}

export interface Incoming {
  readonly body: AsyncIterable<Buffer>;
  readonly headers: Readonly<Record<string, string>>;
  readonly authorization: Authorization;
  readonly secretAccessKey: string;
  readonly objectsDir: string;
  readonly signal: AbortSignal;
}

// S3's limit for one PUT or part.
const MAX_BYTES = 5 * 1024 ** 3;
const CHECKSUM_HEADER = /^x-amz-checksum-(crc32|crc32c|crc64nvme|sha1|sha256)$/;

/**
 * Writes a body to a new file of the store.
 *
 * @throws AwsError XAmzContentSHA256Mismatch, BadDigest, InvalidDigest, IncompleteBody, EntityTooLarge, NotImplemented
 */
export async function receiveContent(incoming: Incoming): Promise<ReceivedContent> {
  const { headers, objectsDir, signal } = incoming;
  const file = randomBytes(16).toString('hex');
  const path = join(objectsDir, file);
  const announced = { ...readAnnouncedChecksums(headers) };
  const names = new Set([...Object.keys(announced), ...readTrailerNames(headers)]);
  const checksums = new Map([...names].map((name) => [name, startNamedChecksum(name)]));
  const sha256 = createHash('sha256');
  const md5 = createHash('md5');
  let size = 0;

  async function* measure(): AsyncGenerator<Buffer> {
    for await (const chunk of readBody(incoming, (name, value) => void (announced[name] = value))) {
      size += chunk.length;
      if (size > MAX_BYTES) {
        throw new AwsError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');
      }
      sha256.update(chunk);
      md5.update(chunk);
      for (const checksum of checksums.values()) checksum.update(chunk);
      yield chunk;
    }
  }

  try {
    ensurePrivateFolder(objectsDir);
    await pipeline(measure, createWriteStream(path, { mode: 0o600, flags: 'wx' }), { signal });
    const content = { file, size, sha256: sha256.digest('hex'), md5: md5.digest('hex') };
    const digests = Object.fromEntries([...checksums].map(([name, checksum]) => [name, checksum.digest()]));
    assertTrue(headers, content);
    assertChecksums(announced, digests);
    return { ...content, checksums: digests };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

function readBody(incoming: Incoming, onTrailer: (name: string, value: string) => void): AsyncIterable<Buffer> {
  const { body, headers, authorization, secretAccessKey } = incoming;
  const payload = headers['x-amz-content-sha256'] ?? '';
  if (!payload.startsWith('STREAMING-')) return body;
  if (payload === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') return decodeChunks(body, undefined, onTrailer);
  if (payload === 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD') {
    const time = authorization.time ?? headers['x-amz-date'] ?? '';
    return decodeChunks(body, { authorization, time, secretAccessKey }, onTrailer);
  }
  throw new AwsError('NotImplemented', `The sandbox does not read payloads signed as ${payload}`, 501);
}

function readAnnouncedChecksums(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.startsWith('x-amz-checksum-') && !name.endsWith('-type')),
  );
}

function readTrailerNames(headers: Readonly<Record<string, string>>): readonly string[] {
  return (headers['x-amz-trailer'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
}

function startNamedChecksum(name: string) {
  const checksum = startChecksum(CHECKSUM_HEADER.exec(name)?.[1] ?? '');
  if (checksum === undefined) throw new AwsError('NotImplemented', `The sandbox cannot check ${name}`, 501);
  return checksum;
}

function assertTrue(headers: Readonly<Record<string, string>>, content: StoredContent): void {
  const payload = headers['x-amz-content-sha256'] ?? '';
  if (/^[0-9a-f]{64}$/.test(payload) && payload !== content.sha256) {
    throw new AwsError(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
  const digest = headers['content-md5'];
  if (digest === undefined) return;
  const md5 = Buffer.from(digest, 'base64').toString('hex');
  if (md5.length !== 32) throw new AwsError('InvalidDigest', 'The Content-MD5 you specified is not valid.');
  if (md5 !== content.md5) {
    throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
}

function assertChecksums(announced: Readonly<Record<string, string>>, actual: Readonly<Record<string, string>>): void {
  const wrong = Object.keys(actual).find((name) => announced[name] !== actual[name]);
  if (wrong === undefined) return;
  const algorithm = wrong.replace('x-amz-checksum-', '').toUpperCase();
  throw new AwsError('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
}
