// Builds a base image out of the distribution's packages, once for equal inputs.

import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { getuid } from 'node:process';
import type { BaseImage } from './base-image.js';
import { DISK_FILE, writeBaseImage } from './base-image.js';
import { makeDebianDisk } from './debian-disk.js';
import type { DebianOs, DebianRecipe } from './debian-recipe.js';
import { createDebianRecipe } from './debian-recipe.js';
import { makeDebianRootfs, renderCustomizeScript } from './debian-rootfs.js';
import { layOutDisk } from './disk-layout.js';
import { findHostSources } from './host-mirror.js';
import { digestFile, ensureCachedImage, hashText, toCacheKey } from './image-cache.js';
import { getImageIdentity } from './image-identity.js';

export interface BuildBaseImageRequest {
  readonly os: DebianOs;
  /** Folder of all cached base images. */
  readonly cacheDir: string;
  readonly signal?: AbortSignal;
  /** Called with a line of text whenever the making goes on; not for parsing. */
  readonly onProgress?: (line: string) => void;
}

/** Raise when what is kept of an image changes in a manner that the recipe does not show. */
const DISK_FORMAT_VERSION = 3;

/**
 * Returns the base image of an OS, made with mmdebstrap when the cache does not hold it (about two minutes).
 * Needs: mmdebstrap, qemu-utils, fdisk, e2fsprogs; fakeroot and fakechroot when not root.
 *
 * Errors: SANDBOX_TOOL_MISSING, SANDBOX_TOOL_FAILED, SANDBOX_IMAGE_CACHE_BROKEN.
 */
export async function buildBaseImage(request: BuildBaseImageRequest): Promise<BaseImage> {
  const recipe = createDebianRecipe(request.os);
  const inputs = { recipe, script: renderCustomizeScript(recipe), format: DISK_FORMAT_VERSION };
  return ensureCachedImage({
    cacheDir: request.cacheDir,
    key: toCacheKey(request.os, inputs),
    signal: request.signal,
    make: (workFolder) => makeImage(recipe, hashText(JSON.stringify(inputs)), workFolder, request),
  });
}

async function makeImage(
  recipe: DebianRecipe,
  key: string,
  workFolder: string,
  request: BuildBaseImageRequest,
): Promise<void> {
  const isRoot = getuid?.() === 0;
  const common = { workFolder, isRoot, signal: request.signal };
  const sources = await findHostSources(recipe.suite);
  request.onProgress?.(`Installing ${recipe.packages.length} packages of ${recipe.suite}`);
  const rootfsTar = await makeDebianRootfs({ ...common, recipe, sources, onLine: request.onProgress });
  request.onProgress?.('Making the disk');
  const layout = layOutDisk(recipe.virtualSizeGib, key);
  const disk = await makeDebianDisk({ ...common, rootfsTar, layout });
  const file = path.join(workFolder, DISK_FILE);
  await rename(disk, file);
  await writeBaseImage({
    os: recipe.os,
    architecture: 'x86_64',
    file,
    digest: await digestFile(file),
    name: `${recipe.os}-amd64-${key.slice(0, 8)}`,
    virtualSizeGib: recipe.virtualSizeGib,
    ...getImageIdentity(recipe.os),
  });
  await removeScratch(workFolder);
}

// The unpacked root file system is a gigabyte that nobody needs again.
async function removeScratch(workFolder: string): Promise<void> {
  const scratch = ['rootfs', 'rootfs.tar', 'overlay', 'customize.sh', 'disk.raw', 'grub.cfg', 'fill.sh'];
  for (const name of scratch) await rm(path.join(workFolder, name), { recursive: true, force: true });
}
