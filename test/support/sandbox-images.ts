// Images in a test's own sandbox, made in the quickest way: a copy of the base image belongs to the account.

import * as sdk from '@aws-sdk/client-ec2';
import type { TestSandbox } from './a-sandbox.js';

export interface OwnImage {
  readonly imageId: string;
  readonly snapshotId: string;
}

/** Copies the base image within its region and waits for it. */
export async function copyBaseImage(
  test: Pick<TestSandbox, 'ec2' | 'sourceAmi'>,
  changes: Partial<sdk.CopyImageCommandInput> = {},
): Promise<OwnImage> {
  const { ImageId: imageId = '' } = await test.ec2.send(
    new sdk.CopyImageCommand({
      Name: 'web-1',
      SourceImageId: test.sourceAmi,
      SourceRegion: 'us-east-1',
      ...changes,
    }),
  );
  return { imageId, snapshotId: findSnapshotId(await waitForImage(test.ec2, imageId)) };
}

/** The image once it is no longer pending. */
export async function waitForImage(ec2: sdk.EC2Client, imageId: string): Promise<sdk.Image> {
  for (;;) {
    const { Images: [image] = [] } = await ec2.send(new sdk.DescribeImagesCommand({ ImageIds: [imageId] }));
    if (image === undefined || image.State !== 'pending') return image ?? {};
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function findSnapshotId(image: sdk.Image): string {
  return image.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? '';
}
