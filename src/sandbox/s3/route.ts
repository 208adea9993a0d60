// Which operation of S3 a request is: by its method, by whether it names an object, and by a parameter without a value.

import { AwsError } from '../wire/aws-error.js';
import { createBucket, deleteBucket, getBucketLocation, headBucket, listBuckets } from './bucket-operations.js';
import { copyObject, uploadPartCopy } from './copy-object.js';
import { listObjects, listObjectsV2 } from './list-objects.js';
import {
  abortUpload,
  completeUpload,
  createUpload,
  listParts,
  listUploads,
  uploadPart,
} from './multipart-operations.js';
import { deleteObject, deleteObjects, getObject, putObject } from './object-operations.js';
import type { S3Call, S3Reply } from './s3-call.js';

export interface Route {
  readonly name: string;
  handle(call: S3Call): S3Reply | Promise<S3Reply>;
}

interface RouteEntry extends Route {
  readonly target: 'service' | 'bucket' | 'object';
  readonly methods: readonly string[];
  /** Parameters that must be there. */
  readonly with: readonly string[];
  /** A header that must be there. */
  readonly header?: string;
}

const COPY_SOURCE = 'x-amz-copy-source';

const ROUTES: readonly RouteEntry[] = [
  { name: 'ListBuckets', target: 'service', methods: ['GET'], with: [], handle: listBuckets },
  { name: 'GetBucketLocation', target: 'bucket', methods: ['GET'], with: ['location'], handle: getBucketLocation },
  { name: 'ListMultipartUploads', target: 'bucket', methods: ['GET'], with: ['uploads'], handle: listUploads },
  { name: 'ListObjectsV2', target: 'bucket', methods: ['GET'], with: ['list-type'], handle: listObjectsV2 },
  { name: 'ListObjects', target: 'bucket', methods: ['GET'], with: [], handle: listObjects },
  { name: 'CreateBucket', target: 'bucket', methods: ['PUT'], with: [], handle: createBucket },
  { name: 'HeadBucket', target: 'bucket', methods: ['HEAD'], with: [], handle: headBucket },
  { name: 'DeleteBucket', target: 'bucket', methods: ['DELETE'], with: [], handle: deleteBucket },
  { name: 'DeleteObjects', target: 'bucket', methods: ['POST'], with: ['delete'], handle: deleteObjects },
  {
    name: 'UploadPartCopy',
    target: 'object',
    methods: ['PUT'],
    with: ['partNumber', 'uploadId'],
    header: COPY_SOURCE,
    handle: uploadPartCopy,
  },
  { name: 'UploadPart', target: 'object', methods: ['PUT'], with: ['partNumber', 'uploadId'], handle: uploadPart },
  { name: 'CopyObject', target: 'object', methods: ['PUT'], with: [], header: COPY_SOURCE, handle: copyObject },
  { name: 'PutObject', target: 'object', methods: ['PUT'], with: [], handle: putObject },
  { name: 'ListParts', target: 'object', methods: ['GET'], with: ['uploadId'], handle: listParts },
  { name: 'GetObject', target: 'object', methods: ['GET', 'HEAD'], with: [], handle: getObject },
  { name: 'AbortMultipartUpload', target: 'object', methods: ['DELETE'], with: ['uploadId'], handle: abortUpload },
  { name: 'DeleteObject', target: 'object', methods: ['DELETE'], with: [], handle: deleteObject },
  { name: 'CreateMultipartUpload', target: 'object', methods: ['POST'], with: ['uploads'], handle: createUpload },
  { name: 'CompleteMultipartUpload', target: 'object', methods: ['POST'], with: ['uploadId'], handle: completeUpload },
];

/** Names of the operations that the sandbox has. */
export const S3_OPERATIONS: readonly string[] = ['HeadObject', ...ROUTES.map(({ name }) => name)];

// Each asks for another operation than the plain one; answering the plain one instead would be a silent lie.
const OTHER_OPERATIONS =
  'accelerate acl analytics attributes cors encryption intelligent-tiering inventory legal-hold lifecycle logging metrics notification object-lock ownershipControls policy policyStatus publicAccessBlock replication requestPayment restore retention select tagging torrent versioning versions versionId website'.split(
    ' ',
  );

/** @throws AwsError NotImplemented for an operation that the sandbox does not have, MethodNotAllowed */
export function findRoute(call: Pick<S3Call, 'method' | 'bucket' | 'key' | 'query' | 'headers'>): Route {
  const target = call.bucket === undefined ? 'service' : call.key === undefined ? 'bucket' : 'object';
  const other = OTHER_OPERATIONS.find((parameter) => call.query.has(parameter));
  if (other !== undefined) {
    throw new AwsError('NotImplemented', `The sandbox does not have the operation behind ?${other}`, 501);
  }
  const route = ROUTES.find(
    (entry) =>
      entry.target === target &&
      entry.methods.includes(call.method) &&
      (entry.header === undefined || call.headers[entry.header] !== undefined) &&
      entry.with.every((parameter) => call.query.has(parameter)),
  );
  if (route !== undefined) return route;
  throw new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405);
}
