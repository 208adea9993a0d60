import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { clientOptions, startTestSandbox, type TestSandbox } from '../../support/a-sandbox.js';
import { presignUrl } from '../../support/presign-url.js';

let test: TestSandbox;
let s3: S3Client;

beforeEach(async () => {
  test = await startTestSandbox();
  s3 = new S3Client(clientOptions(test.sandbox, 'us-east-1'));
  await s3.send(new CreateBucketCommand({ Bucket: 'bundles' }));
});
afterEach(async () => {
  s3.destroy();
  await test.sandbox.close();
});

describe('objects', () => {
  it('gives back what was put, with its type and metadata', async () => {
    const { ETag } = await put('app/one.zip', 'content', { ContentType: 'application/zip', Metadata: { by: 'me' } });

    const got = await s3.send(new GetObjectCommand({ Bucket: 'bundles', Key: 'app/one.zip' }));

    expect(await got.Body?.transformToString()).toBe('content');
    expect(got).toMatchObject({ ContentType: 'application/zip', Metadata: { by: 'me' }, ContentLength: 7, ETag });
    expect(ETag).toBe(`"${createHash('md5').update('content').digest('hex')}"`);
  });

  it.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
    'checks a stream against its %s',
    async (algorithm) => {
      const content = randomBytes(300_000);
      const Body = Readable.from([content.subarray(0, 100_001), content.subarray(100_001)]);

      await s3.send(
        new PutObjectCommand({
          Bucket: 'bundles',
          Key: 'k',
          Body,
          ContentLength: 300_000,
          ChecksumAlgorithm: algorithm,
        }),
      );

      const got = await s3.send(new GetObjectCommand({ Bucket: 'bundles', Key: 'k' }));
      expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(content)).toBe(true);
      expect(got.ContentEncoding).toBeUndefined();
    },
  );

  it('refuses content that is not what its checksum says', async () => {
    const refused = put('k', 'content', { ChecksumCRC32: 'AAAAAA==' });

    await expect(refused).rejects.toMatchObject({ name: 'BadDigest' });
    expect(await readdir(test.sandbox.paths.objectsDir)).toEqual([]);
  });

  it.each([
    ['bytes=2-4', 'nte', 'bytes 2-4/7'],
    ['bytes=5-', 'nt', 'bytes 5-6/7'],
    ['bytes=-3', 'ent', 'bytes 4-6/7'],
    ['bytes=5-900', 'nt', 'bytes 5-6/7'],
  ])('gives the range %s', async (Range, expected, ContentRange) => {
    await put('k', 'content');

    const got = await s3.send(new GetObjectCommand({ Bucket: 'bundles', Key: 'k', Range }));

    expect(await got.Body?.transformToString()).toBe(expected);
    expect(got).toMatchObject({ ContentRange, ContentLength: expected.length });
  });

  it('refuses a range beyond the end', async () => {
    await put('k', 'content');

    const refused = s3.send(new GetObjectCommand({ Bucket: 'bundles', Key: 'k', Range: 'bytes=7-9' }));

    await expect(refused).rejects.toMatchObject({ name: 'InvalidRange', $metadata: { httpStatusCode: 416 } });
  });

  it('keeps one file an object, whatever its key, and none once it is deleted', async () => {
    const keys = ['../../etc/passwd', '/absolute', 'a//b', 'ä ö+%2F&<>', 'x'.repeat(1024)];
    for (const Key of keys) await put(Key, Key);
    await put('a//b', 'again');

    const files = await readdir(test.sandbox.paths.objectsDir);
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'bundles' }));

    expect(files.filter((file) => /^[0-9a-f]{32}$/.test(file))).toHaveLength(keys.length);
    expect(Contents.map(({ Key }) => Key).toSorted()).toEqual(keys.toSorted());
    for (const Key of keys) await s3.send(new DeleteObjectCommand({ Bucket: 'bundles', Key }));
    expect(await readdir(test.sandbox.paths.objectsDir)).toEqual([]);
  });

  it('deletes many at once, and what is not there too', async () => {
    await put('a', '1');

    const { Deleted } = await s3.send(
      new DeleteObjectsCommand({ Bucket: 'bundles', Delete: { Objects: [{ Key: 'a' }, { Key: 'b & c' }] } }),
    );

    expect(Deleted).toEqual([{ Key: 'a' }, { Key: 'b & c' }]);
    await expect(s3.send(new HeadObjectCommand({ Bucket: 'bundles', Key: 'a' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
  });

  it('writes only where nothing is, when told so', async () => {
    await put('k', 'first');

    await expect(put('k', 'second', { IfNoneMatch: '*' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
  });

  it('survives a restart', async () => {
    await put('k', 'content');
    await test.sandbox.close();
    test = await startTestSandbox({ stateDir: test.sandbox.paths.stateDir });
    s3 = new S3Client(clientOptions(test.sandbox, 'us-east-1'));

    const got = await s3.send(new GetObjectCommand({ Bucket: 'bundles', Key: 'k' }));

    expect(await got.Body?.transformToString()).toBe('content');
  });
});

describe('listing', () => {
  it('goes through pages in the order of bytes, with common prefixes', async () => {
    for (const key of ['b/2', 'a', 'b/1', 'ü', 'c']) await put(key, 'x');
    const listing = { Bucket: 'bundles', Delimiter: '/', MaxKeys: 2 };

    const first = await s3.send(new ListObjectsV2Command(listing));
    const second = await s3.send(
      new ListObjectsV2Command({ ...listing, ContinuationToken: first.NextContinuationToken }),
    );

    expect(first.Contents?.map(({ Key }) => Key)).toEqual(['a']);
    expect(first.CommonPrefixes).toEqual([{ Prefix: 'b/' }]);
    expect(first).toMatchObject({ IsTruncated: true, KeyCount: 2 });
    expect(second.Contents?.map(({ Key }) => Key)).toEqual(['c', 'ü']);
    expect(second.IsTruncated).toBe(false);
  });

  it('begins after a key, and names the owner when it is asked to', async () => {
    for (const key of ['a', 'ü']) await put(key, 'x');

    const { StartAfter, Contents } = await s3.send(
      new ListObjectsV2Command({ Bucket: 'bundles', StartAfter: 'a', FetchOwner: true }),
    );

    expect(StartAfter).toBe('a');
    expect(Contents).toMatchObject([{ Key: 'ü', Owner: { ID: '100000000000' } }]);
  });
});

describe('copies', () => {
  it('have the content and, unless told otherwise, the metadata of their source', async () => {
    await put('a ü/1', 'content', { ContentType: 'text/plain', Metadata: { by: 'me' } });
    const CopySource = encodeURI('bundles/a ü/1');

    const copied = await s3.send(new CopyObjectCommand({ Bucket: 'bundles', Key: 'copy', CopySource }));
    const other = { Metadata: { by: 'you' }, MetadataDirective: 'REPLACE' } as const;
    await s3.send(new CopyObjectCommand({ Bucket: 'bundles', Key: 'other', CopySource, ...other }));

    const got = await s3.send(new GetObjectCommand({ Bucket: 'bundles', Key: 'copy' }));
    expect(await got.Body?.transformToString()).toBe('content');
    expect(got).toMatchObject({ ContentType: 'text/plain', Metadata: { by: 'me' } });
    expect(copied.CopyObjectResult).toEqual({ ETag: got.ETag, LastModified: expect.any(Date) });
    expect(await s3.send(new HeadObjectCommand({ Bucket: 'bundles', Key: 'other' }))).toMatchObject({
      Metadata: { by: 'you' },
    });
  });

  it.each([
    ['NoSuchKey', { CopySource: 'bundles/none' }],
    ['NoSuchBucket', { CopySource: 'none/k' }],
    ['InvalidRequest', { CopySource: 'bundles/k', Key: 'k' }],
    ['PreconditionFailed', { CopySource: 'bundles/k', CopySourceIfMatch: '"0"' }],
    ['NotImplemented', { CopySource: 'bundles/k?versionId=1' }],
  ])('are refused with %s', async (name, input) => {
    await put('k', 'content');

    const copying = s3.send(new CopyObjectCommand({ Bucket: 'bundles', Key: 'copy', ...input }));

    await expect(copying).rejects.toMatchObject({ name });
  });

  it('can be parts of an upload', async () => {
    await put('k', '0123456789');
    const upload = { Bucket: 'bundles', Key: 'joined', UploadId: await startUpload('joined') };
    const part = { ...upload, PartNumber: 1, CopySource: 'bundles/k' };

    const { CopyPartResult } = await s3.send(new UploadPartCopyCommand({ ...part, CopySourceRange: 'bytes=2-4' }));
    const beyond = s3.send(new UploadPartCopyCommand({ ...part, CopySourceRange: 'bytes=5-10' }));
    await expect(beyond).rejects.toMatchObject({ name: 'InvalidArgument' });
    const Parts = [{ PartNumber: 1, ETag: CopyPartResult?.ETag }];
    await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));

    const got = await s3.send(new GetObjectCommand({ Bucket: 'bundles', Key: 'joined' }));
    expect(await got.Body?.transformToString()).toBe('234');
  });
});

describe('multipart uploads', () => {
  const MIB = 1024 * 1024;

  it('join their parts in the order of their numbers', async () => {
    const UploadId = await startUpload('big');
    const parts = [];
    for (const [PartNumber, Body] of [
      [7, Buffer.alloc(10, 'z')],
      [2, Buffer.alloc(5 * MIB, 'a')],
    ] as const) {
      const { ETag } = await s3.send(
        new UploadPartCommand({ Bucket: 'bundles', Key: 'big', UploadId, PartNumber, Body }),
      );
      parts.push({ PartNumber, ETag });
    }
    const { Parts } = await s3.send(new ListPartsCommand({ Bucket: 'bundles', Key: 'big', UploadId }));

    const { ETag } = await s3.send(
      new CompleteMultipartUploadCommand({
        Bucket: 'bundles',
        Key: 'big',
        UploadId,
        MultipartUpload: { Parts: parts.toReversed() },
      }),
    );

    expect(Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [2, 5 * MIB],
      [7, 10],
    ]);
    expect(ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
    const got = await s3.send(new GetObjectCommand({ Bucket: 'bundles', Key: 'big', Range: `bytes=${5 * MIB - 1}-` }));
    expect(await got.Body?.transformToString()).toBe('azzzzzzzzzz');
    expect(await readdir(test.sandbox.paths.objectsDir)).toHaveLength(1);
  });

  it('refuse a small part before the last, and parts they do not have', async () => {
    const UploadId = await startUpload('big');
    const upload = { Bucket: 'bundles', Key: 'big', UploadId };
    const { ETag } = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: 'x' }));
    await s3.send(new UploadPartCommand({ ...upload, PartNumber: 2, Body: 'x' }));
    const complete = (numbers: readonly number[], etag = ETag) =>
      s3.send(
        new CompleteMultipartUploadCommand({
          ...upload,
          MultipartUpload: { Parts: numbers.map((PartNumber) => ({ PartNumber, ETag: etag })) },
        }),
      );

    await expect(complete([1, 2])).rejects.toMatchObject({ name: 'EntityTooSmall' });
    await expect(complete([2, 1])).rejects.toMatchObject({ name: 'InvalidPartOrder' });
    await expect(complete([3])).rejects.toMatchObject({ name: 'InvalidPart' });
    await expect(complete([1], '"0"')).rejects.toMatchObject({ name: 'InvalidPart' });
  });

  it('leave nothing once they are aborted', async () => {
    const UploadId = await startUpload('big');
    const upload = { Bucket: 'bundles', Key: 'big', UploadId };
    await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: 'x' }));

    await s3.send(new AbortMultipartUploadCommand(upload));

    expect(await readdir(test.sandbox.paths.objectsDir)).toEqual([]);
    await expect(s3.send(new ListPartsCommand(upload))).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });
});

describe('buckets', () => {
  it('are in one region', async () => {
    const ireland = new S3Client(clientOptions(test.sandbox, 'eu-west-1'));
    const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' } as const;
    await ireland.send(new CreateBucketCommand({ Bucket: 'irish', CreateBucketConfiguration }));

    const { LocationConstraint } = await ireland.send(new GetBucketLocationCommand({ Bucket: 'irish' }));
    const fromElsewhere = s3.send(new ListObjectsV2Command({ Bucket: 'irish' }));

    expect(LocationConstraint).toBe('eu-west-1');
    await expect(fromElsewhere).rejects.toMatchObject({ name: 'PermanentRedirect' });
  });

  it.each(['UPPER', 'ab', '1.2.3.4', 'a..b', 'xn--x', '-a-b'])('may not be called %s', async (Bucket) => {
    await expect(s3.send(new CreateBucketCommand({ Bucket }))).rejects.toMatchObject({ name: 'InvalidBucketName' });
  });

  it('are deleted only when they are empty', async () => {
    await put('k', 'x');

    await expect(s3.send(new DeleteBucketCommand({ Bucket: 'bundles' }))).rejects.toMatchObject({
      name: 'BucketNotEmpty',
    });
    await s3.send(new DeleteObjectCommand({ Bucket: 'bundles', Key: 'k' }));
    await s3.send(new DeleteBucketCommand({ Bucket: 'bundles' }));
    await expect(s3.send(new HeadBucketCommand({ Bucket: 'bundles' }))).rejects.toMatchObject({ name: 'NotFound' });
  });
});

describe('who may', () => {
  it('lets in the holder of a presigned URL until it expires', async () => {
    await put('k', 'content');
    const fresh = await fetch(sign(60, 0));
    const late = await fetch(sign(60, 61));
    const forged = await fetch(sign(60, 0).replace('/k?', '/other?'));

    expect([fresh.status, await fresh.text()]).toEqual([200, 'content']);
    expect([late.status, await late.text()]).toEqual([403, expect.stringContaining('Request has expired')]);
    expect([forged.status, await forged.text()]).toEqual([403, expect.stringContaining('SignatureDoesNotMatch')]);
  });

  it('takes the bucket from the host of a request, too', async () => {
    await put('folder/k', 'content');
    const url = new URL(
      presignUrl(test.sandbox, { host: 'bundles.s3.us-east-1.amazonaws.com', key: 'folder/k', expiresSeconds: 60 }),
    );

    const text = await getWithHost(`${test.sandbox.endpoint}${url.pathname}${url.search}`, url.host);

    expect(text).toBe('content');
  });

  it('refuses a stranger, and has nothing for nobody', async () => {
    const credentials = { ...test.sandbox.credentials, secretAccessKey: 'another' };
    const stranger = new S3Client({ ...clientOptions(test.sandbox, 'us-east-1'), credentials });

    const anonymous = await fetch(`${test.sandbox.endpoint}/bundles/k`);

    await expect(stranger.send(new ListObjectsV2Command({ Bucket: 'bundles' }))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    });
    expect(anonymous.status).toBe(403);
  });

  it('says what it does not have', async () => {
    const tagging = new GetObjectTaggingCommand({ Bucket: 'bundles', Key: 'k' });

    await expect(s3.send(tagging)).rejects.toMatchObject({ name: 'NotImplemented' });
  });
});

function sign(expiresSeconds: number, ageSeconds: number): string {
  const at = new Date(Date.now() - ageSeconds * 1000);
  return presignUrl(test.sandbox, { bucket: 'bundles', key: 'k', expiresSeconds, at });
}

function put(Key: string, Body: string, more: object = {}) {
  return s3.send(new PutObjectCommand({ Bucket: 'bundles', Key, Body, ...more }));
}

async function startUpload(Key: string): Promise<string> {
  const { UploadId = '' } = await s3.send(new CreateMultipartUploadCommand({ Bucket: 'bundles', Key }));
  return UploadId;
}

function getWithHost(url: string, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { host } }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.once('end', () => resolve(text));
    })
      .once('error', reject)
      .end();
  });
}
