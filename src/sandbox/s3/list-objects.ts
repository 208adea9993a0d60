import { ListObjects$, type ListObjectsOutput, ListObjectsV2$, type ListObjectsV2Output } from '@aws-sdk/client-s3';
import { AwsError } from '../wire/aws-error.js';
import type { ObjectRecord } from '../world/records.js';
import { getBucket, xmlReply } from './replies.js';
import type { S3Call, S3Reply } from './s3-call.js';

const MAX_KEYS = 1000;

/** ListObjectsV2 */
export function listObjectsV2(call: S3Call): S3Reply {
  const { query } = call;
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after');
  const page = listPage(call, token === null ? (startAfter ?? '') : readToken(token));
  const output: ListObjectsV2Output = {
    ...page.common,
    KeyCount: (page.common.Contents?.length ?? 0) + (page.common.CommonPrefixes?.length ?? 0),
    ...(startAfter === null ? {} : { StartAfter: encodeKey(call, startAfter) }),
    ...(token === null ? {} : { ContinuationToken: token }),
    ...(page.last === undefined ? {} : { NextContinuationToken: Buffer.from(page.last).toString('base64url') }),
  };
  return xmlReply(ListObjectsV2$, output);
}

/** ListObjects, the first version; what the EB CLI looks its bundles up with. */
export function listObjects(call: S3Call): S3Reply {
  const marker = call.query.get('marker') ?? '';
  const page = listPage(call, marker);
  const output: ListObjectsOutput = {
    ...page.common,
    Marker: marker,
    ...(page.last === undefined ? {} : { NextMarker: encodeKey(call, page.last) }),
  };
  return xmlReply(ListObjects$, output);
}

function listPage(call: S3Call, after: string) {
  const { id: bucket } = getBucket(call);
  const { query, context } = call;
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const maxKeys = readMaxKeys(query.get('max-keys'));
  const entries = listEntries(
    context.world.objects.list().filter((object) => object.bucket === bucket && object.key.startsWith(prefix)),
    { prefix, delimiter },
  ).filter(({ name }) => compareKeys(name, after) > 0);
  const shown = entries.slice(0, maxKeys);
  return {
    last: entries.length > shown.length && shown.length > 0 ? shown.at(-1)?.name : undefined,
    common: {
      IsTruncated: entries.length > shown.length && shown.length > 0,
      Name: bucket,
      Prefix: encodeKey(call, prefix),
      ...(delimiter === '' ? {} : { Delimiter: encodeKey(call, delimiter) }),
      MaxKeys: maxKeys,
      ...(query.get('encoding-type') === 'url' ? { EncodingType: 'url' as const } : {}),
      Contents: shown.flatMap(({ object }) => (object === undefined ? [] : [viewObject(call, object)])),
      CommonPrefixes: shown.flatMap(({ name, object }) =>
        object === undefined ? [{ Prefix: encodeKey(call, name) }] : [],
      ),
    },
  };
}

interface Entry {
  readonly name: string;
  /** Undefined: a common prefix. */
  readonly object?: ObjectRecord;
}

function listEntries(
  objects: readonly ObjectRecord[],
  { prefix, delimiter }: { readonly prefix: string; readonly delimiter: string },
): readonly Entry[] {
  const entries = new Map<string, Entry>();
  for (const object of objects) {
    const end = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length);
    const name = end === -1 ? object.key : object.key.slice(0, end + delimiter.length);
    entries.set(name, end === -1 ? { name, object } : { name });
  }
  return [...entries.values()].toSorted((one, other) => compareKeys(one.name, other.name));
}

function viewObject(call: S3Call, object: ObjectRecord) {
  return {
    Key: encodeKey(call, object.key),
    LastModified: new Date(object.modifiedAt),
    ETag: `"${object.etag}"`,
    Size: object.size,
    StorageClass: 'STANDARD' as const,
    // The first version always names it, the second when it is asked to.
    ...(call.query.get('list-type') === '2' && call.query.get('fetch-owner') !== 'true'
      ? {}
      : { Owner: { ID: call.context.accountId } }),
  };
}

/** S3 sorts by the bytes of the UTF-8 form. */
function compareKeys(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

function encodeKey({ query }: S3Call, key: string): string {
  return query.get('encoding-type') === 'url' ? encodeURIComponent(key).replaceAll('%2F', '/') : key;
}

function readToken(token: string): string {
  return Buffer.from(token, 'base64url').toString('utf8');
}

function readMaxKeys(text: string | null): number {
  if (text === null || text === '') return MAX_KEYS;
  if (!/^\d{1,9}$/.test(text))
    throw new AwsError('InvalidArgument', 'Provided max-keys not an integer or within integer range');
  return Math.min(Number(text), MAX_KEYS);
}
