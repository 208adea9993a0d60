import { homedir } from 'node:os';
import { join } from 'node:path';
import type { BaseImage } from '../../src/sandbox/image/base-image.js';
import { buildBaseImage } from '../../src/sandbox/image/build-base-image.js';

/** Where base images are kept, outside the checkout, for all tests and processes of this user. */
export function baseImageCache(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'buildimg', 'images');
}

/** The Debian 12 base image; made by the first who asks (about two minutes), while the others wait. */
export function getBaseImage(): Promise<BaseImage> {
  return buildBaseImage({ os: 'debian-12', cacheDir: baseImageCache() });
}
