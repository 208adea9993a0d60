import type { BaseImage } from '../../src/sandbox/image/base-image.js';
import { buildBaseImage } from '../../src/sandbox/image/build-base-image.js';
import { findCacheFolder } from './find-cache-folder.js';

/** Where base images are kept, outside the checkout, for all tests and processes of this user. */
export function baseImageCache(): string {
  return findCacheFolder('images');
}

/** The Debian 12 base image; made by the first who asks (about two minutes), while the others wait. */
export function getBaseImage(): Promise<BaseImage> {
  return buildBaseImage({ os: 'debian-12', cacheDir: baseImageCache() });
}
