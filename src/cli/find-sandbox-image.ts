import { createError } from '../errors.js';
import { listBaseImages, resolveBaseImageId } from '../sandbox/world/base-images.js';
import { REGIONS } from '../sandbox/world/regions.js';
import { World } from '../sandbox/world/world.js';
import type { CliContext } from './cli-context.js';
import { findSandboxPaths } from './sandbox-session.js';

export interface SandboxImage {
  /** The qcow2 with its content. */
  readonly file: string;
  readonly region: string;
}

/**
 * An AMI of the sandbox, read from its state: it need not be up.
 * Errors: SCAN_AMI_NOT_IN_SANDBOX, SANDBOX_STATE_BROKEN.
 */
export async function findSandboxImage(imageId: string, cli: Pick<CliContext, 'environment'>): Promise<SandboxImage> {
  const paths = findSandboxPaths(cli);
  const world = await World.open(paths.worldFile);
  const image = world.images.find(imageId);
  if (image === undefined) {
    // A region gets its base images only when it is first asked after them.
    for (const base of await listBaseImages(paths)) {
      const region = REGIONS.find((each) => resolveBaseImageId(base, each) === imageId);
      if (region !== undefined) return { file: base.file, region };
    }
    throw createError('SCAN_AMI_NOT_IN_SANDBOX', [imageId, 'it has no such image']);
  }
  const snapshot = world.snapshots.find(image.snapshotId);
  if (image.state !== 'available' || snapshot?.state !== 'completed') {
    throw createError('SCAN_AMI_NOT_IN_SANDBOX', [imageId, `the image is ${image.state}`]);
  }
  return { file: snapshot.file, region: image.region };
}
