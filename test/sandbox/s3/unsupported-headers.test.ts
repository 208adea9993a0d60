import { CreateBucketCommand, PutObjectCommand, type PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { clientOptions, startTestSandbox, type TestSandbox } from '../../support/a-sandbox.js';

let test: TestSandbox;
let s3: S3Client;
beforeAll(async () => {
  test = await startTestSandbox();
  s3 = new S3Client({ ...clientOptions(test.sandbox, 'us-east-1'), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'files' }));
});
afterAll(async () => {
  s3.destroy();
  await test.sandbox.close();
});

describe('PutObject', () => {
  it.each<[string, Partial<PutObjectCommandInput>]>([
    ['encryption', { ServerSideEncryption: 'aws:kms' }],
    ['a public object', { ACL: 'public-read' }],
    ['tags', { Tagging: 'team=web' }],
    ['another storage class', { StorageClass: 'GLACIER' }],
  ])('refuses %s', async (_what, changes) => {
    const put = new PutObjectCommand({ Bucket: 'files', Key: 'a', Body: 'a', ...changes });

    await expect(s3.send(put)).rejects.toMatchObject({ name: 'NotImplemented' });
  });

  it('takes what asks for nothing', async () => {
    const put = new PutObjectCommand({
      Bucket: 'files',
      Key: 'a',
      Body: 'a',
      ACL: 'private',
      StorageClass: 'STANDARD',
    });

    await expect(s3.send(put)).resolves.toMatchObject({ ETag: expect.any(String) });
  });
});
