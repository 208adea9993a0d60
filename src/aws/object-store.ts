import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ObjectStore } from './platform-ports.js';
import { callAws, callAwsOrMiss } from './translate-error.js';

/** S3 over the SDK. */
export function createObjectStore(client: S3Client): ObjectStore {
  return {
    async hasObject(bucket, key) {
      const found = await callAwsOrMiss('s3:HeadObject', ['NotFound', 'NoSuchKey'], () =>
        client.send(new HeadObjectCommand({ Bucket: bucket, Key: key })),
      );
      return found !== undefined;
    },
    async putObject(bucket, key, content) {
      const command = new PutObjectCommand({ Bucket: bucket, Key: key, Body: content, ContentType: 'application/zip' });
      await callAws('s3:PutObject', () => client.send(command));
    },
    async deleteObject(bucket, key) {
      await callAws('s3:DeleteObject', () => client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })));
    },
  };
}
