import { createHash, createHmac } from 'node:crypto';
import type { SandboxInfo } from '../../src/sandbox/sandbox-info.js';

export interface PresignRequest {
  /** Left out: in the host. */
  readonly bucket?: string;
  readonly host?: string;
  readonly key: string;
  readonly expiresSeconds: number;
  readonly at?: Date;
}

/** A presigned GET, made after AWS's description and not with the sandbox's own code. */
export function presignUrl(
  { endpoint, credentials }: Pick<SandboxInfo, 'endpoint' | 'credentials'>,
  { bucket, host = new URL(endpoint).host, key, expiresSeconds, at = new Date() }: PresignRequest,
): string {
  const time = at.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const day = time.slice(0, 8);
  const scope = `${day}/us-east-1/s3/aws4_request`;
  const path = `${bucket === undefined ? '' : `/${bucket}`}/${key}`;
  const query = Object.entries({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${credentials.accessKeyId}/${scope}`,
    'X-Amz-Date': time,
    'X-Amz-Expires': String(expiresSeconds),
    'X-Amz-SignedHeaders': 'host',
  })
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
  const canonical = ['GET', path, query, `host:${host}`, '', 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  const digest = createHash('sha256').update(canonical).digest('hex');
  const text = ['AWS4-HMAC-SHA256', time, scope, digest].join('\n');
  let key256: string | Buffer = `AWS4${credentials.secretAccessKey}`;
  for (const part of [day, 'us-east-1', 's3', 'aws4_request']) {
    key256 = createHmac('sha256', key256).update(part).digest();
  }
  const signature = createHmac('sha256', key256).update(text).digest('hex');
  return `http://${host}${path}?${query}&X-Amz-Signature=${signature}`;
}
