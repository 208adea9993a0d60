import { createHash, randomBytes } from 'node:crypto';
import {
  CompleteMultipartUpload$,
  type CompleteMultipartUploadOutput,
  CreateMultipartUpload$,
  type CreateMultipartUploadOutput,
  ListMultipartUploads$,
  type ListMultipartUploadsOutput,
  ListParts$,
  type ListPartsOutput,
} from '@aws-sdk/client-s3';
import { AwsError } from '../wire/aws-error.js';
import type { StoredContent, UploadRecord } from '../world/records.js';
import { joinFiles } from './join-files.js';
import { removeFile, storeObject } from './object-operations.js';
import { findXmlText, readXml } from './read-xml.js';
import { getBucket, readKeptHeaders, xmlReply } from './replies.js';
import type { S3Call, S3Reply } from './s3-call.js';

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
const MIN_PART_BYTES = 5 * 1024 * 1024;
const MAX_PART_NUMBER = 10_000;

/** CreateMultipartUpload */
export function createUpload(call: S3Call): S3Reply {
  const { id: bucket } = getBucket(call);
  const { context, key = '', headers } = call;
  const upload = context.world.uploads.put({
    id: randomBytes(32).toString('base64url'),
    bucket,
    key,
    initiatedAt: context.clock.now().toISOString(),
    headers: readKeptHeaders(headers),
    parts: [],
  });
  const output: CreateMultipartUploadOutput = { Bucket: bucket, Key: key, UploadId: upload.id };
  return xmlReply(CreateMultipartUpload$, output);
}

/** UploadPart; a part of the same number takes the place of the former. */
export async function uploadPart(call: S3Call): Promise<S3Reply> {
  let checksums = {};
  const { md5 } = await putPart(call, async () => {
    const { checksums: received, ...content } = await call.receiveContent();
    checksums = received;
    return content;
  });
  return { status: 200, headers: { ETag: `"${md5}"`, ...checksums } };
}

/** Adds the part of a request, wherever its content comes from, to its upload. */
export async function putPart(call: S3Call, receive: () => Promise<StoredContent>): Promise<StoredContent> {
  const { context, query } = call;
  const { id } = getUpload(call);
  const number = Number(query.get('partNumber'));
  if (!(Number.isInteger(number) && number >= 1 && number <= MAX_PART_NUMBER)) {
    throw new AwsError('InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive');
  }
  const content = await receive();
  // Read again: other parts have arrived, or the upload is gone, while this one came in.
  const upload = context.world.uploads.find(id);
  if (upload === undefined) {
    await removeFile(context, content.file);
    throw noSuchUpload();
  }
  const former = upload.parts.find((part) => part.number === number);
  const part = { ...content, number, modifiedAt: context.clock.now().toISOString() };
  const others = upload.parts.filter((each) => each !== former);
  context.world.uploads.put({
    ...upload,
    parts: [...others, part].toSorted((one, other) => one.number - other.number),
  });
  if (former !== undefined) await removeFile(context, former.file);
  return content;
}

/** ListParts */
export function listParts(call: S3Call): S3Reply {
  const upload = getUpload(call);
  const after = Number(call.query.get('part-number-marker') ?? 0);
  const maxParts = Math.min(Number(call.query.get('max-parts') ?? 1000), 1000);
  const rest = upload.parts.filter(({ number }) => number > after);
  const shown = rest.slice(0, maxParts);
  const last = shown.at(-1)?.number;
  const output: ListPartsOutput = {
    Bucket: upload.bucket,
    Key: upload.key,
    UploadId: upload.id,
    PartNumberMarker: String(after),
    ...(last === undefined ? {} : { NextPartNumberMarker: String(last) }),
    MaxParts: maxParts,
    IsTruncated: rest.length > shown.length,
    Parts: shown.map((part) => ({
      PartNumber: part.number,
      LastModified: new Date(part.modifiedAt),
      ETag: `"${part.md5}"`,
      Size: part.size,
    })),
  };
  return xmlReply(ListParts$, output);
}

/** ListMultipartUploads */
export function listUploads(call: S3Call): S3Reply {
  const { id: bucket } = getBucket(call);
  const prefix = call.query.get('prefix') ?? '';
  const output: ListMultipartUploadsOutput = {
    Bucket: bucket,
    Prefix: prefix,
    MaxUploads: 1000,
    IsTruncated: false,
    Uploads: call.context.world.uploads
      .list()
      .filter((upload) => upload.bucket === bucket && upload.key.startsWith(prefix))
      .map(({ id, key, initiatedAt }) => ({ UploadId: id, Key: key, Initiated: new Date(initiatedAt) })),
  };
  return xmlReply(ListMultipartUploads$, output);
}

/** CompleteMultipartUpload */
export async function completeUpload(call: S3Call): Promise<S3Reply> {
  const { context } = call;
  const upload = getUpload(call);
  const parts = chooseParts(upload, await call.receiveText());
  const content = await joinFiles(context, parts);
  const etag = `${hashParts(parts)}-${parts.length}`;
  // Two that complete the same upload: the first has removed its record.
  if (!context.world.uploads.remove(upload.id)) {
    await removeFile(context, content.file);
    throw noSuchUpload();
  }
  const { bucket, key, headers } = upload;
  await storeObject(context, { bucket, key, content, etag, headers });
  for (const { file } of upload.parts) await removeFile(context, file);
  const output: CompleteMultipartUploadOutput = {
    Location: `/${bucket}/${key}`,
    Bucket: bucket,
    Key: key,
    ETag: `"${etag}"`,
  };
  return xmlReply(CompleteMultipartUpload$, output);
}

/** AbortMultipartUpload */
export async function abortUpload(call: S3Call): Promise<S3Reply> {
  const upload = getUpload(call);
  call.context.world.uploads.remove(upload.id);
  for (const { file } of upload.parts) await removeFile(call.context, file);
  return { status: 204 };
}

function getUpload(call: S3Call): UploadRecord {
  const { id: bucket } = getBucket(call);
  const upload = call.context.world.uploads.find(call.query.get('uploadId') ?? '');
  if (upload === undefined || upload.bucket !== bucket || upload.key !== call.key) throw noSuchUpload();
  return upload;
}

function noSuchUpload(): AwsError {
  return new AwsError(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    404,
  );
}

function chooseParts(upload: UploadRecord, document: string): UploadRecord['parts'] {
  const wanted = readXml(document).children.filter(({ name }) => name === 'Part');
  if (wanted.length === 0) throw new AwsError('MalformedXML', 'You must specify at least one part');
  const chosen = wanted.map((part) => {
    const etag = (findXmlText(part, 'ETag') ?? '').replaceAll('"', '');
    const found = upload.parts.find(
      ({ number, md5 }) => number === Number(findXmlText(part, 'PartNumber')) && md5 === etag,
    );
    if (found !== undefined) return found;
    throw new AwsError('InvalidPart', 'One or more of the specified parts could not be found.');
  });
  if (chosen.some((part, index) => index > 0 && part.number <= (chosen[index - 1]?.number ?? 0))) {
    throw new AwsError('InvalidPartOrder', 'The list of parts was not in ascending order.');
  }
  if (chosen.slice(0, -1).some(({ size }) => size < MIN_PART_BYTES)) {
    throw new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size');
  }
  return chosen;
}

function hashParts(parts: UploadRecord['parts']): string {
  const hash = createHash('md5');
  for (const { md5 } of parts) hash.update(Buffer.from(md5, 'hex'));
  return hash.digest('hex');
}
