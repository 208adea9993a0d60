import { ListBuckets$, type ListBucketsOutput } from '@aws-sdk/client-s3';
import { AwsError } from '../wire/aws-error.js';
import { isBucketName } from './address.js';
import { findXmlText, readXml } from './read-xml.js';
import { getBucket, isOwnBucket, rootTextReply, xmlReply } from './replies.js';
import type { S3Call, S3Reply } from './s3-call.js';

export function listBuckets({ context }: S3Call): S3Reply {
  const output: ListBucketsOutput = {
    Buckets: context.world.buckets
      .list()
      .filter((bucket) => isOwnBucket(context, bucket))
      .toSorted((one, other) => (one.id < other.id ? -1 : 1))
      .map(({ id, region, createdAt }) => ({ Name: id, BucketRegion: region, CreationDate: new Date(createdAt) })),
    Owner: { ID: context.accountId, DisplayName: 'sandbox' },
  };
  return xmlReply(ListBuckets$, output);
}

/** CreateBucket. As S3, it is no error in us-east-1 to create one's own bucket again. */
export async function createBucket(call: S3Call): Promise<S3Reply> {
  const { context, bucket = '' } = call;
  if (!isBucketName(bucket)) throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.');
  const region = await readLocation(call);
  if (region !== context.region) {
    throw new AwsError(
      'IllegalLocationConstraintException',
      `The ${region} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    );
  }
  const existing = context.world.buckets.find(bucket);
  if (existing !== undefined && !isOwnBucket(context, existing)) {
    throw new AwsError(
      'BucketAlreadyExists',
      'The requested bucket name is not available. The bucket namespace is shared by all users of the system.',
      409,
    );
  }
  if (existing !== undefined && (existing.region !== 'us-east-1' || region !== 'us-east-1')) {
    throw new AwsError(
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
      409,
    );
  }
  if (existing === undefined) {
    context.world.buckets.put({
      id: bucket,
      region,
      createdAt: context.clock.now().toISOString(),
      ownerId: context.accountId,
    });
  }
  return { status: 200, headers: { Location: `/${bucket}` } };
}

export function headBucket(call: S3Call): S3Reply {
  const { region } = getBucket(call);
  return { status: 200, headers: { 'x-amz-bucket-region': region } };
}

export function deleteBucket(call: S3Call): S3Reply {
  const { id } = getBucket(call);
  const { objects, buckets, uploads } = call.context.world;
  if ([...objects.list(), ...uploads.list()].some(({ bucket }) => bucket === id)) {
    throw new AwsError('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409);
  }
  buckets.remove(id);
  return { status: 204 };
}

export function getBucketLocation(call: S3Call): S3Reply {
  const { region } = getBucket(call);
  // The document is one element, whose text is the region; us-east-1 is an empty one.
  return rootTextReply('LocationConstraint', region === 'us-east-1' ? '' : region);
}

async function readLocation(call: S3Call): Promise<string> {
  const text = await call.receiveText();
  if (text === '') return call.context.region === 'us-east-1' ? 'us-east-1' : 'unspecified';
  return findXmlText(readXml(text), 'LocationConstraint') ?? call.context.region;
}
