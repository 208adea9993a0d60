import { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../wire/aws-error.js';
import type { OperationSchema } from '../wire/operation.js';
import { escapeXml, writeXmlElement, writeXmlMembers } from '../wire/xml-writer.js';
import type { BucketRecord } from '../world/records.js';
import type { S3Call, S3Reply } from './s3-call.js';

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** A reply with an operation's output as its document, named and ordered by the SDK's schema. */
export function xmlReply(operation: OperationSchema, output: object): S3Reply {
  const schema = NormalizedSchema.of(operation[5]);
  return documentReply(schema.getMergedTraits().xmlName ?? `${operation[2]}Result`, writeXmlMembers(schema, output));
}

/** A reply whose document is one structure, where the output has it as its payload. */
export function structReply(root: string, schema: Parameters<typeof NormalizedSchema.of>[0], value: object): S3Reply {
  return documentReply(root, writeXmlMembers(NormalizedSchema.of(schema), value));
}

/** A reply whose document is one element with a text. */
export function rootTextReply(root: string, text: string): S3Reply {
  return documentReply(root, escapeXml(text));
}

function documentReply(root: string, content: string): S3Reply {
  return {
    status: 200,
    headers: { 'Content-Type': 'application/xml' },
    body: `${XML_DECLARATION}<${root} xmlns="${NAMESPACE}">${content}</${root}>`,
  };
}

export function errorReply(error: AwsError, resource: string, requestId: string): S3Reply {
  const document = writeXmlElement(
    'Error',
    writeXmlElement('Code', escapeXml(error.code)) +
      writeXmlElement('Message', escapeXml(error.message)) +
      writeXmlElement('Resource', escapeXml(resource)) +
      writeXmlElement('RequestId', requestId),
  );
  return {
    status: error.status,
    headers: { 'Content-Type': 'application/xml' },
    body: `${XML_DECLARATION}${document}`,
  };
}

/**
 * The bucket of a request.
 *
 * @throws AwsError NoSuchBucket; AccessDenied for another account's; PermanentRedirect when it is in another region than the request was signed for
 */
export function getBucket({ context, bucket = '' }: S3Call): BucketRecord {
  const record = context.world.buckets.find(bucket);
  if (record === undefined) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404);
  if (!isOwnBucket(context, record)) throw new AwsError('AccessDenied', 'Access Denied', 403);
  if (record.region === context.region) return record;
  throw new AwsError(
    'PermanentRedirect',
    `The bucket is in ${record.region}: the request must be sent there, not to ${context.region}.`,
    301,
  );
}

export function isOwnBucket({ credentials, accountId }: S3Call['context'], { ownerId }: BucketRecord): boolean {
  return (ownerId ?? credentials.accountId) === accountId;
}

/** Name of an object in the world's table. */
export function objectId(bucket: string, key: string): string {
  return `${bucket}/${key}`;
}

/** The headers of a PUT that a later GET repeats. */
export function readKeptHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      if (name === 'content-encoding') {
        // aws-chunked belongs to the transfer, not to the object.
        const encoding = value.replace(/\baws-chunked\b,?\s*/, '').replace(/,\s*$/, '');
        return encoding === '' ? [] : [[name, encoding]];
      }
      return KEPT_HEADERS.has(name) || name.startsWith('x-amz-meta-') ? [[name, value]] : [];
    }),
  );
}

const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
const KEPT_HEADERS = new Set([
  'content-type',
  'content-disposition',
  'content-language',
  'cache-control',
  'expires',
  'x-amz-storage-class',
]);
