import type { IncomingMessage } from 'node:http';
import { AwsError } from '../wire/aws-error.js';

// The largest thing a request of EC2 or SSM carries is 16 KiB of user data, in base64 and form encoding.
const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** Reads a request's body, up to 2 MiB. */
export async function readRequestBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new AwsError('RequestEntityTooLarge', 'The request body is too large', 413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
