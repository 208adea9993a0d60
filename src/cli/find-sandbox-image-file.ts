import { createError } from '../errors.js';
import { listBaseImages, resolveBaseImageId } from '../sandbox/world/base-images.js';
import { REGIONS } from '../sandbox/world/regions.js';
import { World } from '../sandbox/world/world.js';
import type { CliContext } from './cli-context.js';
import { findSandboxPaths } from './sandbox-session.js';

/**
 * The qcow2 with the content of an AMI of the sandbox, read from its state: it need not be up.
 * Errors: SCAN_AMI_NOT_IN_SANDBOX, SANDBOX_STATE_BROKEN.
 */
export async function findSandboxImageFile(imageId: string, cli: Pick<CliContext, 'environment'>): Promise<string> {
  const paths = findSandboxPaths(cli);
  const world = await World.open(paths.worldFile);
  const image = world.images.find(imageId);
  if (image === undefined) {
    // A region gets its base images only when it is first asked after them.
    const base = (await listBaseImages(paths)).find((each) =>
      REGIONS.some((region) => resolveBaseImageId(each, region) === imageId),
    );
    if (base === undefined) throw createError('SCAN_AMI_NOT_IN_SANDBOX', [imageId, 'it has no such image']);
    return base.file;
  }
  const snapshot = world.snapshots.find(image.snapshotId);
  if (image.state !== 'available' || snapshot?.state !== 'completed') {
    throw createError('SCAN_AMI_NOT_IN_SANDBOX', [imageId, `the image is ${image.state}`]);
  }
  return snapshot.file;
}
