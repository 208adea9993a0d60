// AWS Signature Version 4, the server's half. Being reachable on loopback proves nothing: a guest of QEMU's user network
// reaches the host's loopback too, so every request must be signed with the sandbox's own key.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { AwsError } from '../wire/aws-error.js';
import type { Account, Accounts } from '../world/accounts.js';

export interface SignedRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
  /** What stands for the body in the signature when that is not the body's own SHA-256 (S3). */
  readonly payloadHash?: string;
}

/** What the Authorization header claims; trusted only after assertSignature. */
export interface Authorization {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** A presigned URL says it in its query; otherwise it is in the header x-amz-date. */
  readonly time?: string;
}

// AWS allows five minutes either way for most services, 15 for some.
const MAX_CLOCK_SKEW_MS = 15 * 60_000;
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/\s,]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request, ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]{64})$/;

/**
 * Reads the Authorization header.
 *
 * @throws AwsError MissingAuthenticationToken, IncompleteSignature
 */
export function parseAuthorization(header: string | undefined): Authorization {
  if (header === undefined)
    throw new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
  const match = AUTHORIZATION.exec(header.trim());
  if (match === null) {
    throw new AwsError('IncompleteSignature', 'The Authorization header is not a Signature Version 4 header');
  }
  const [, accessKeyId = '', date = '', region = '', service = '', signedHeaders = '', signature = ''] = match;
  return { accessKeyId, date, region, service, signedHeaders: signedHeaders.split(';'), signature };
}

/**
 * Holds a request against the keys of the sandbox; gives the account that asks.
 *
 * @throws AwsError AuthFailure for a key that is not ours, RequestExpired, SignatureDoesNotMatch
 */
export function assertSignature(
  request: SignedRequest,
  authorization: Authorization,
  trust: { readonly accounts: Accounts; readonly now: Date },
): Account {
  const account = trust.accounts.findByKey(authorization.accessKeyId);
  if (account === undefined) {
    throw new AwsError('AuthFailure', 'AWS was not able to validate the provided access credentials', 401);
  }
  const time = authorization.time ?? readHeader(request, 'x-amz-date');
  // How long a presigned URL holds is in the URL, and for its reader to check.
  if (authorization.time === undefined) assertTime(time, trust.now);
  const expected = sign(request, authorization, { time, secretAccessKey: account.secretAccessKey });
  const given = Buffer.from(authorization.signature, 'hex');
  const isFullySigned = authorization.signedHeaders.includes('host') && time.startsWith(authorization.date);
  if (isFullySigned && given.length === expected.length && timingSafeEqual(given, expected)) return account;
  throw new AwsError(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided',
    403,
  );
}

function assertTime(time: string, now: Date): void {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time);
  const [, year, month, day, hour, minute, second] = match ?? [];
  const sent = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Math.abs(now.getTime() - sent) <= MAX_CLOCK_SKEW_MS) return;
  throw new AwsError('RequestExpired', `Request has expired: it was signed at ${time}`);
}

function sign(
  request: SignedRequest,
  { date, region, service, signedHeaders }: Authorization,
  { time, secretAccessKey }: { readonly time: string; readonly secretAccessKey: string },
): Buffer {
  const [path = '/', query = ''] = request.url.split('?', 2);
  const canonical = [
    request.method,
    service === 's3' ? encodePathOnce(path) : encodePath(path),
    encodeQuery(query),
    ...signedHeaders.map((name) => `${name}:${readHeader(request, name).trim().replace(/ +/g, ' ')}`),
    '',
    signedHeaders.join(';'),
    request.payloadHash ?? hash(request.body),
  ].join('\n');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', time, scope, hash(canonical)].join('\n');
  return hmac(deriveSigningKey({ date, region, service }, secretAccessKey), text);
}

/** The key of one day, region and service. */
export function deriveSigningKey(
  { date, region, service }: Pick<Authorization, 'date' | 'region' | 'service'>,
  secretAccessKey: string,
): Buffer {
  return [date, region, service, 'aws4_request'].reduce(
    (secret: Buffer, part) => hmac(secret, part),
    Buffer.from(`AWS4${secretAccessKey}`),
  );
}

function readHeader(request: SignedRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : (value ?? []).join(',');
}

// Every service but S3 encodes the path twice: once as it was sent, once more for the signature.
function encodePath(path: string): string {
  return path.split('/').map(encode).join('/');
}

function encodePathOnce(path: string): string {
  try {
    return path
      .split('/')
      .map((part) => encode(decodeURIComponent(part)))
      .join('/');
  } catch {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.");
  }
}

function encodeQuery(query: string): string {
  return [...new URLSearchParams(query)]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function hash(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
