import { hasErrorCode } from '../build/has-error-code.js';
import { pinPlatforms } from '../build/pin-platforms.js';
import { type PlatformLock, readPlatformLock, writePlatformLock } from '../build/platform-lock.js';
import type { ResolvedImage } from '../config/resolved-config.js';
import type { Fleets } from './open-fleets.js';

export interface LockRequest {
  /** Folder of the config. */
  readonly root: string;
  readonly fleets: Fleets;
  readonly isSandbox: boolean;
  readonly isUpdate: boolean;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/**
 * What the images of a build start from where that is a platform: what buildimg.lock.json says, and what it does not say
 * yet is looked up and written there. The lock is about AWS: in the sandbox it is neither read nor written.
 * @throws PLATFORM_*.
 */
export async function lockPlatforms(images: readonly ResolvedImage[], request: LockRequest): Promise<PlatformLock> {
  const { root, fleets, isSandbox, isUpdate, signal, say } = request;
  if (isSandbox || images.every(({ source }) => source.kind !== 'platform-branch')) return new Map();
  const lock = await readPlatformLock(root);
  const openCatalog = (image: ResolvedImage) => fleets.open(image, signal);
  const pinned = await pinPlatforms(images, { lock, isUpdate, openCatalog });
  if (pinned !== lock) say(await write(root, pinned));
  return pinned;
}

// A checkout that cannot be written to is no reason not to build: the tags of the AMI say what it started from.
async function write(root: string, lock: PlatformLock): Promise<string> {
  try {
    return `Written to ${await writePlatformLock(root, lock)}: what the platform branches stand for now. Keep it with the config.`;
  } catch (error) {
    if (!hasErrorCode(error, 'EACCES', 'EPERM', 'EROFS')) throw error;
    return `warning: buildimg.lock.json cannot be written in ${root}: the next build may start from another platform version.`;
  }
}
