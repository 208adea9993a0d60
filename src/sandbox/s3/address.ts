import { AwsError } from '../wire/aws-error.js';

export interface Address {
  /** Undefined: the service itself, as in ListBuckets. */
  readonly bucket: string | undefined;
  /** Undefined: the bucket itself. */
  readonly key: string | undefined;
}

// bucket.s3.amazonaws.com, bucket.s3.eu-west-1.amazonaws.com, bucket.s3-eu-west-1.amazonaws.com, and dual-stack.
const VIRTUAL_HOST = /^(.+)\.s3[.-](?:(?:dualstack\.)?[a-z0-9-]+\.)?amazonaws\.com(?:\.cn)?$/;
const MAX_KEY_BYTES = 1024;

/**
 * Bucket and key of a request, by its Host header (virtual-host style) or its path.
 *
 * @param path as it was sent, percent-encoded
 * @throws AwsError InvalidURI, KeyTooLongError
 */
export function readAddress(host: string, path: string): Address {
  const [name = ''] = host.toLowerCase().split(':');
  const [, hostBucket] = VIRTUAL_HOST.exec(name) ?? [];
  const decoded = decodePath(path).slice(1);
  if (hostBucket !== undefined) return { bucket: hostBucket, key: checkKey(decoded) };
  const slash = decoded.indexOf('/');
  if (slash === -1) return { bucket: decoded === '' ? undefined : decoded, key: undefined };
  return { bucket: decoded.slice(0, slash), key: checkKey(decoded.slice(slash + 1)) };
}

/** Rules for names of general purpose buckets. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export function isBucketName(name: string): boolean {
  return (
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !name.includes('..') &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name) &&
    !/^(?:xn--|sthree-|amzn-s3-demo-)/.test(name) &&
    !/(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name)
  );
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.");
  }
}

function checkKey(key: string): string | undefined {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new AwsError('KeyTooLongError', 'Your key is too long');
  return key === '' ? undefined : key;
}
