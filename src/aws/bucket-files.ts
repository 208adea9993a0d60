import { createReadStream, createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createError } from '../errors.js';
import { type AwsAccessOptions, clientSettings } from './client-settings.js';
import type { BucketFiles } from './ec2-ports.js';
import { callAws, callAwsOrMiss } from './translate-error.js';

/** What is sent from memory the SDK sends again when S3 is busy; a stream it cannot. */
const MAX_BYTES_IN_MEMORY = 64 * 1024 ** 2;

/** S3 over the SDK. */
export function createBucketFiles(options: AwsAccessOptions): BucketFiles {
  // An endpoint that is not AWS has no host name for every bucket. Without WHEN_REQUIRED a presigned PUT would demand the
  // checksum of an empty body: https://github.com/aws/aws-sdk-js-v3/issues/6810
  const settings = {
    ...clientSettings(options),
    forcePathStyle: options.endpoint !== undefined,
    requestChecksumCalculation: 'WHEN_REQUIRED' as const,
  };
  const s3 = new S3Client(settings);
  // The signature holds the host, and an instance may know the endpoint by another address.
  const signer = new S3Client({
    ...settings,
    ...(options.guestEndpoint === undefined ? {} : { endpoint: options.guestEndpoint }),
  });
  return {
    async putFile({ bucket, key, path, size, digest }) {
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: size <= MAX_BYTES_IN_MEMORY ? await readFile(path) : createReadStream(path),
        ContentLength: size,
        ContentType: 'application/gzip',
        ChecksumSHA256: Buffer.from(digest, 'hex').toString('base64'),
        ServerSideEncryption: 'AES256',
      });
      const sent = await callAwsOrMiss('s3:PutObject', ['NoSuchBucket'], () => s3.send(command));
      if (sent === undefined) throw createError('BUCKET_MISSING', [bucket, options.region]);
    },
    async fetchFile({ bucket, key, path }) {
      const { Body } = await callAws('s3:GetObject', () => s3.send(new GetObjectCommand({ Bucket: bucket, Key: key })));
      await pipeline(Body as Readable, createWriteStream(path, { mode: 0o600 }));
    },
    async presign(method, { bucket, key, expiresSeconds }) {
      const place = { Bucket: bucket, Key: key };
      const command = method === 'GET' ? new GetObjectCommand(place) : new PutObjectCommand(place);
      return await callAws(`s3:${method}Object`, () => getSignedUrl(signer, command, { expiresIn: expiresSeconds }));
    },
    async hasObject({ bucket, key }) {
      const found = await callAwsOrMiss('s3:HeadObject', ['NotFound', 'NoSuchKey', 'NoSuchBucket'], () =>
        s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key })),
      );
      return found !== undefined;
    },
    async deleteObject({ bucket, key }) {
      await callAwsOrMiss('s3:DeleteObject', ['NoSuchBucket'], () =>
        s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })),
      );
    },
    close() {
      s3.destroy();
      signer.destroy();
    },
  };
}
