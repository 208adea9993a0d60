import { type Authorization, assertSignature, parseAuthorization } from '../server/signature.js';
import { AwsError } from '../wire/aws-error.js';
import type { Account, Accounts } from '../world/accounts.js';

export interface S3Request {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Trust {
  readonly accounts: Accounts;
  readonly now: Date;
}

/** Who asks, and how it was signed. */
export interface Caller {
  readonly authorization: Authorization;
  readonly account: Account;
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
const MAX_EXPIRES_SECONDS = 604_800;
const UNSIGNED = 'UNSIGNED-PAYLOAD';

/** Whether the signature of a request, in its header or its URL, is one for S3. */
export function isS3Request(authorizationHeader: string | undefined, url: string): boolean {
  if (authorizationHeader !== undefined) return authorizationHeader.includes('/s3/aws4_request');
  return /[?&]X-Amz-Credential=[^&]*(?:%2F|\/)s3(?:%2F|\/)aws4_request/i.test(url);
}

/**
 * Checks who asks. What the signature says of the payload is held against it when the body is read.
 *
 * @throws AwsError InvalidAccessKeyId, SignatureDoesNotMatch, RequestTimeTooSkewed, AccessDenied
 */
export function authorizeS3Request(request: S3Request, trust: Trust): Caller {
  const query = new URLSearchParams(request.url.split('?', 2)[1] ?? '');
  const isPresigned = query.has('X-Amz-Signature');
  const authorization = isPresigned ? readPresigned(query, trust.now) : readHeader(request);
  const payloadHash = request.headers['x-amz-content-sha256'] ?? query.get('X-Amz-Content-Sha256') ?? UNSIGNED;
  try {
    const account = assertSignature({ ...request, body: Buffer.alloc(0), payloadHash }, authorization, trust);
    return { authorization, account };
  } catch (error) {
    throw error instanceof AwsError ? renameError(error) : error;
  }
}

function readHeader({ headers }: S3Request): Authorization {
  if (headers['x-amz-content-sha256'] === undefined) {
    throw new AwsError('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256');
  }
  return parseAuthorization(headers['authorization']);
}

function readPresigned(query: URLSearchParams, now: Date): Authorization {
  const time = query.get('X-Amz-Date') ?? '';
  const expires = Number(query.get('X-Amz-Expires'));
  const credential = query.get('X-Amz-Credential') ?? '';
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time) ?? [];
  const signedAt = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (!(expires >= 1 && expires <= MAX_EXPIRES_SECONDS) || Number.isNaN(signedAt)) {
    throw new AwsError(
      'AuthorizationQueryParametersError',
      'X-Amz-Date must be a time and X-Amz-Expires between 1 and 604800 seconds',
    );
  }
  if (now.getTime() > signedAt + expires * 1000) throw new AwsError('AccessDenied', 'Request has expired', 403);
  const header = `${query.get('X-Amz-Algorithm')} Credential=${credential}, SignedHeaders=${query.get('X-Amz-SignedHeaders')}, Signature=${query.get('X-Amz-Signature')}`;
  return { ...parseAuthorization(header), time };
}

// S3 has names of its own for what is wrong with a signature.
function renameError(error: AwsError): AwsError {
  if (error.code === 'AuthFailure') {
    return new AwsError('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.', 403);
  }
  if (error.code !== 'RequestExpired') return error;
  return new AwsError(
    'RequestTimeTooSkewed',
    'The difference between the request time and the current time is too large.',
    403,
  );
}
