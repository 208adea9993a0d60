// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html and API_UploadPartCopy.html. boto3 and the AWS CLI copy
// up to 8 MiB at once, and more part by part.
import { CopyObjectResult$, CopyPartResult$ } from '@aws-sdk/client-s3';
import { AwsError } from '../wire/aws-error.js';
import type { ObjectRecord } from '../world/records.js';
import { joinFiles } from './join-files.js';
import { putPart } from './multipart-operations.js';
import { failed, storeObject } from './object-operations.js';
import { getBucket, objectId, readKeptHeaders, structReply } from './replies.js';
import type { S3Call, S3Reply } from './s3-call.js';

const MAX_BYTES = 5 * 1024 ** 3;

/** CopyObject */
export async function copyObject(call: S3Call): Promise<S3Reply> {
  const { id: bucket } = getBucket(call);
  const { key = '', headers, context } = call;
  const source = getSource(call);
  const directive = headers['x-amz-metadata-directive'] ?? 'COPY';
  if (!['COPY', 'REPLACE'].includes(directive)) throw new AwsError('InvalidArgument', 'Unknown metadata directive.');
  if (directive === 'COPY' && source.id === objectId(bucket, key)) {
    throw new AwsError(
      'InvalidRequest',
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  if (source.size > MAX_BYTES) {
    throw new AwsError('InvalidRequest', 'The specified copy source is larger than the maximum allowable size.');
  }
  const content = await joinFiles(context, [source]);
  const kept = directive === 'REPLACE' ? readKeptHeaders(headers) : source.headers;
  await storeObject(context, { bucket, key, content, etag: content.md5, headers: kept });
  const result = { ETag: `"${content.md5}"`, LastModified: context.clock.now() };
  return structReply('CopyObjectResult', CopyObjectResult$, result);
}

/** UploadPartCopy */
export async function uploadPartCopy(call: S3Call): Promise<S3Reply> {
  const source = getSource(call);
  const range = readRange(call.headers['x-amz-copy-source-range'], source.size);
  const { md5 } = await putPart(call, () => joinFiles(call.context, [{ ...source, range }]));
  return structReply('CopyPartResult', CopyPartResult$, { ETag: `"${md5}"`, LastModified: call.context.clock.now() });
}

/** The object that is copied; it may be in a bucket of another region. */
function getSource({ context, headers }: S3Call): ObjectRecord {
  const [path = '', query = ''] = (headers['x-amz-copy-source'] ?? '').split('?');
  if (query !== '') throw new AwsError('NotImplemented', 'The sandbox has no versions of objects', 501);
  const [, bucket = '', key = ''] = /^\/?([^/]+)\/(.+)$/s.exec(decode(path)) ?? [];
  if (context.world.buckets.find(bucket) === undefined) {
    throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404);
  }
  const source = context.world.objects.find(objectId(bucket, key));
  if (source === undefined) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
  assertConditions(headers, source);
  return source;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new AwsError('InvalidArgument', 'Copy Source must mention the source bucket and key: sourcebucket/sourcekey');
  }
}

function assertConditions(headers: S3Call['headers'], { etag, modifiedAt }: ObjectRecord): void {
  const quoted = `"${etag}"`;
  const at = Math.floor(Date.parse(modifiedAt) / 1000) * 1000;
  const since = Date.parse(headers['x-amz-copy-source-if-modified-since'] ?? '');
  const until = Date.parse(headers['x-amz-copy-source-if-unmodified-since'] ?? '');
  const wanted = headers['x-amz-copy-source-if-match'];
  if (wanted !== undefined && wanted !== quoted && wanted !== '*') throw failed();
  if (headers['x-amz-copy-source-if-none-match'] === quoted) throw failed();
  // A comparison with NaN, a header that is not there, is false.
  if (at <= since || (at > until && wanted === undefined)) throw failed();
}

function readRange(header: string | undefined, size: number) {
  if (header === undefined) return undefined;
  const [, first = '', last = ''] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? [];
  const range = { start: Number(first), end: Number(last) };
  if (first !== '' && range.start <= range.end && range.end < size) return range;
  throw new AwsError('InvalidArgument', `Range specified is not valid for source object of size: ${size}`);
}
