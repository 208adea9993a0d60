import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DeleteObjects$, type DeleteObjectsOutput } from '@aws-sdk/client-s3';
import { AwsError } from '../wire/aws-error.js';
import type { ObjectRecord, StoredContent } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { findXmlText, readXml } from './read-xml.js';
import { getBucket, objectId, readKeptHeaders, xmlReply } from './replies.js';
import type { S3Call, S3Reply } from './s3-call.js';

const MAX_DELETED_AT_ONCE = 1000;

/** PutObject */
export async function putObject(call: S3Call): Promise<S3Reply> {
  const { id: bucket } = getBucket(call);
  const { key = '', headers, context } = call;
  assertCondition(headers, context.world.objects.find(objectId(bucket, key)));
  const { checksums, ...content } = await call.receiveContent();
  await storeObject(context, { bucket, key, content, etag: content.md5, headers: readKeptHeaders(headers) });
  return { status: 200, headers: { ETag: `"${content.md5}"`, ...checksums } };
}

export interface NewObject {
  readonly bucket: string;
  readonly key: string;
  readonly content: StoredContent;
  readonly etag: string;
  readonly headers: ObjectRecord['headers'];
}

/** Puts an object in the place of the one of that key, whose file goes. */
export async function storeObject(context: RequestContext, object: NewObject): Promise<void> {
  const { bucket, key, content, etag, headers } = object;
  const id = objectId(bucket, key);
  const former = context.world.objects.find(id);
  const modifiedAt = context.clock.now().toISOString();
  context.world.objects.put({ id, bucket, key, ...content, etag, headers, modifiedAt });
  if (former !== undefined) await removeFile(context, former.file);
}

/** GetObject and HeadObject */
export function getObject(call: S3Call): S3Reply {
  const { id: bucket } = getBucket(call);
  const { context, key = '', headers, query } = call;
  const object = context.world.objects.find(objectId(bucket, key));
  if (object === undefined) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
  const etag = `"${object.etag}"`;
  const described = {
    'Accept-Ranges': 'bytes',
    ETag: etag,
    'Last-Modified': new Date(object.modifiedAt).toUTCString(),
    'content-type': 'binary/octet-stream',
    ...object.headers,
    ...readOverrides(query),
  };
  if (headers['if-none-match'] === etag || headers['if-none-match'] === '*')
    return { status: 304, headers: { ETag: etag } };
  if (headers['if-match'] !== undefined && headers['if-match'] !== etag && headers['if-match'] !== '*') throw failed();
  const range = readRange(headers['range'], object.size);
  const file = join(context.paths.objectsDir, object.file);
  if (range === undefined) {
    return {
      status: 200,
      headers: described,
      body: { file, start: 0, end: object.size - 1 },
      contentLength: object.size,
    };
  }
  return {
    status: 206,
    headers: { ...described, 'Content-Range': `bytes ${range.start}-${range.end}/${object.size}` },
    body: { file, ...range },
    contentLength: range.end - range.start + 1,
  };
}

/** DeleteObject: what is not there is deleted too. */
export async function deleteObject(call: S3Call): Promise<S3Reply> {
  await removeObject(call.context, getBucket(call).id, call.key ?? '');
  return { status: 204 };
}

/** DeleteObjects */
export async function deleteObjects(call: S3Call): Promise<S3Reply> {
  const { id: bucket } = getBucket(call);
  const request = readXml(await call.receiveText());
  const keys = request.children
    .filter(({ name }) => name === 'Object')
    .map((object) => findXmlText(object, 'Key') ?? '');
  if (keys.length === 0 || keys.length > MAX_DELETED_AT_ONCE) {
    throw new AwsError('MalformedXML', `A request deletes 1 to ${MAX_DELETED_AT_ONCE} objects, not ${keys.length}`);
  }
  for (const key of keys) await removeObject(call.context, bucket, key);
  const isQuiet = findXmlText(request, 'Quiet') === 'true';
  const output: DeleteObjectsOutput = { Deleted: isQuiet ? [] : keys.map((Key) => ({ Key })) };
  return xmlReply(DeleteObjects$, output);
}

/** Removes an object and its file; nothing happens when there is none. */
export async function removeObject(context: Pick<RequestContext, 'world' | 'paths'>, bucket: string, key: string) {
  const object = context.world.objects.find(objectId(bucket, key));
  if (object === undefined) return;
  context.world.objects.remove(object.id);
  await removeFile(context, object.file);
}

/** Removes a file of the store. */
export async function removeFile({ paths }: Pick<RequestContext, 'paths'>, file: string): Promise<void> {
  await rm(join(paths.objectsDir, file), { force: true });
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
function assertCondition(headers: Readonly<Record<string, string>>, existing: ObjectRecord | undefined): void {
  if (headers['if-none-match'] === '*' && existing !== undefined) throw failed();
  const expected = headers['if-match'];
  if (expected === undefined) return;
  if (existing === undefined) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
  if (expected !== `"${existing.etag}"`) throw failed();
}

export function failed(): AwsError {
  return new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
}

function readOverrides(query: URLSearchParams): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...query].flatMap(([name, value]) =>
      name.startsWith('response-') ? [[name.slice('response-'.length), value]] : [],
    ),
  );
}

/** One range; several at once, and what is not a range, get the whole object, as from S3. */
function readRange(
  header: string | undefined,
  size: number,
): { readonly start: number; readonly end: number } | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start <= end) return { start, end };
  throw new AwsError('InvalidRange', 'The requested range is not satisfiable', 416);
}
