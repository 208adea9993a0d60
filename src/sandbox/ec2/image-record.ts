import { AwsError } from '../wire/aws-error.js';
import type { ImageRecord, Tags } from '../world/records.js';
import type { RequestContext } from '../world/services.js';

/**
 * AMI names: 3–128 of EC2's characters, unique per account and region.
 *
 * @throws AwsError InvalidAMIName.Malformed, InvalidAMIName.Duplicate
 */
export function checkImageName(name: string | undefined, { world, region, accountId }: RequestContext): string {
  if (name === undefined || !/^[a-zA-Z0-9()[\] ./\-'@_]{3,128}$/.test(name)) {
    throw new AwsError(
      'InvalidAMIName.Malformed',
      `AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/' and '_'`,
    );
  }
  const duplicate = world.images
    .list()
    .find((image) => image.region === region && image.ownerId === accountId && image.name === name);
  if (duplicate === undefined) return name;
  throw new AwsError('InvalidAMIName.Duplicate', `AMI name ${name} is already in use by AMI ${duplicate.id}`);
}

/** What every new image begins with. */
export function createImageRecord(
  { region, accountId, clock }: RequestContext,
  { id, name, tags }: { readonly id: string; readonly name: string; readonly tags: Tags },
) {
  return {
    id,
    region,
    tags,
    name,
    ownerId: accountId,
    isPublic: false,
    sharedAccounts: [],
    state: 'pending',
    stateReason: undefined,
    createdAt: clock.now().toISOString(),
    deprecatedAt: undefined,
    imdsSupport: undefined,
    bootMode: undefined,
    sourceInstanceId: undefined,
    sourceImage: undefined,
  } satisfies Partial<ImageRecord>;
}
