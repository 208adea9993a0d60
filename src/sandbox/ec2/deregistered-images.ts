// EC2 remembers an image that was deregistered: DescribeImages leaves it out without an error, every other call says that it is
// no longer available. https://github.com/boto/botocore/issues/2194, https://github.com/ansible/ansible/issues/24945

import { AwsError } from '../wire/aws-error.js';
import type { ImageRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { isUsableImage } from './visibility.js';

// How long EC2 remembers is not documented; the world's file should not grow for ever.
const MOST_REMEMBERED = 500;

export function deregister({ world, clock }: RequestContext, image: ImageRecord): void {
  const { id, region, ownerId, isPublic, sharedAccounts, sharedArns = [], createdAt } = image;
  const record = { id, region, ownerId, isPublic, sharedAccounts, sharedArns, createdAt };
  world.images.remove(id);
  world.deregisteredImages.put({ ...record, deregisteredAt: clock.now().toISOString() });
  for (const old of world.deregisteredImages.list().slice(0, -MOST_REMEMBERED)) world.deregisteredImages.remove(old.id);
}

/** Whether an id is that of an image that was there for the account, and was deregistered. */
export function isDeregistered(context: RequestContext, id: string): boolean {
  const image = context.world.deregisteredImages.find(id);
  return image !== undefined && image.region === context.region && isUsableImage(context, image);
}

/** @throws AwsError InvalidAMIID.Unavailable */
export function assertNotDeregistered(context: RequestContext, id: string): void {
  if (!isDeregistered(context, id)) return;
  throw new AwsError('InvalidAMIID.Unavailable', `The image ID '${id}' is no longer available`);
}
