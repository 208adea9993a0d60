import { isDeepStrictEqual } from 'node:util';
import type { ImageCatalog } from '../aws/ports.js';
import type { ResolvedImage } from '../config/resolved-config.js';
import { findPlatformImage } from './find-platform-image.js';
import { findLocked, type LockedPlatform, type PlatformLock } from './platform-lock.js';

export interface PinRequest {
  readonly lock: PlatformLock;
  /** Take what is recommended now, whatever is locked. */
  readonly isUpdate: boolean;
  /** Access to the region of an image; closed after each question. */
  readonly openCatalog: (image: ResolvedImage) => { readonly catalog: ImageCatalog; close(): void };
}

/**
 * What `lock` is to say for `images`: as with npm, what it holds stays, what is missing or about another branch is looked
 * up. The same object when nothing has changed.
 * @throws PLATFORM_BRANCH_NOT_FOUND, PLATFORM_IMAGE_NOT_FOUND.
 */
export async function pinPlatforms(images: readonly ResolvedImage[], request: PinRequest): Promise<PlatformLock> {
  const { lock, isUpdate } = request;
  const pinned = new Map(lock);
  for (const image of images) {
    const locked = findLocked(lock, image);
    if (image.source.kind !== 'platform-branch' || (locked !== undefined && !isUpdate)) continue;
    const found = await lookUp(image, image.source.branch, request);
    if (!isDeepStrictEqual(found, lock.get(image.name))) pinned.set(image.name, found);
  }
  const isChanged = [...pinned].some(([name, platform]) => lock.get(name) !== platform);
  return isChanged ? pinned : lock;
}

async function lookUp(image: ResolvedImage, branch: string, { openCatalog }: PinRequest): Promise<LockedPlatform> {
  const access = openCatalog(image);
  try {
    return await findPlatformImage(image, branch, access.catalog);
  } finally {
    access.close();
  }
}
