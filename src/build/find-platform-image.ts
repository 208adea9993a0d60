import type { ImageCatalog } from '../aws/ports.js';
import type { ResolvedImage } from '../config/resolved-config.js';
import { createError } from '../errors.js';
import type { LockedPlatform } from './platform-lock.js';

/**
 * The image that the recommended version of a platform branch starts from, for the architecture of `image`.
 * @throws PLATFORM_BRANCH_NOT_FOUND, PLATFORM_IMAGE_NOT_FOUND.
 */
export async function findPlatformImage(
  image: Pick<ResolvedImage, 'region' | 'architecture'>,
  branch: string,
  catalog: ImageCatalog,
): Promise<LockedPlatform> {
  const base = await catalog.findPlatformBase(branch);
  if (base === undefined) throw createError('PLATFORM_BRANCH_NOT_FOUND', [branch, image.region]);
  const { region, architecture } = image;
  for (const id of base.imageIds) {
    const found = await catalog.findImage(id);
    if (found?.architecture === architecture) {
      const { arn: platformArn, version } = base;
      return {
        platformArn,
        version,
        branch,
        region,
        architecture,
        id,
        rootDeviceName: found.rootDeviceName,
      };
    }
  }
  throw createError('PLATFORM_IMAGE_NOT_FOUND', [base.arn, architecture]);
}
