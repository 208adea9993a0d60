import type { AwsAccessOptions } from '../aws/client-settings.js';
import { createAwsAccess } from '../aws/create-aws-access.js';
import { findRegion } from '../aws/find-region.js';
import { createError } from '../errors.js';
import { readSandboxStatus } from '../sandbox/daemon.js';
import { sandboxEnvironment } from '../sandbox/environment.js';
import type { ImageMetadata } from '../scan/image-metadata.js';
import type { FileTree, TreeGap } from '../scan/tree/file-tree.js';
import { openBlockTree, openDiskImageTree } from '../scan/tree/image/open-disk-image-tree.js';
import type { CliContext } from './cli-context.js';
import { findSandboxImage } from './find-sandbox-image.js';
import { findSandboxPaths } from './sandbox-session.js';

export interface AmiRequest {
  readonly imageId: string;
  /** Of --region. */
  readonly region: string | undefined;
  readonly isSandbox: boolean;
  readonly signal: AbortSignal;
}

export interface OpenedAmi {
  readonly tree: FileTree;
  /** Undefined when only the disk is there to be asked: an AMI of a sandbox that is down. */
  readonly image: ImageMetadata | undefined;
}

/**
 * Opens the disk of an AMI block by block from its snapshot; nothing is launched. An AMI of a sandbox that is down is
 * read from the sandbox's files.
 * Errors: SCAN_AMI_NOT_FOUND, SCAN_AMI_WITHOUT_SNAPSHOT, SCAN_AMI_NOT_IN_SANDBOX, AWS_REGION_MISSING, and those of
 * reading a snapshot and of `openBlockTree`.
 */
export async function openAmi(request: AmiRequest, cli: Pick<CliContext, 'environment'>): Promise<OpenedAmi> {
  if (!request.isSandbox) {
    const { environment } = cli;
    return await openImage(request, { region: await findRegion(request.region, environment), environment });
  }
  const { imageId, signal } = request;
  const { file, region } = await findSandboxImage(imageId, cli);
  const status = await readSandboxStatus(findSandboxPaths(cli).stateDir);
  if (status.state === 'up') {
    const { info } = status;
    return await openImage(request, { region, endpoint: info.endpoint, environment: sandboxEnvironment(info, region) });
  }
  const tree = await openDiskImageTree(file, { signal });
  // The report is about the image, not about the file that the sandbox happens to keep it in.
  return { tree: { ...tree, target: imageId }, image: undefined };
}

async function openImage({ imageId, signal }: AmiRequest, options: AwsAccessOptions): Promise<OpenedAmi> {
  const aws = createAwsAccess(options);
  try {
    const image = await aws.inspector.describeImage(imageId);
    if (image === undefined) throw createError('SCAN_AMI_NOT_FOUND', [imageId, options.region]);
    const disk = await aws.snapshots.openSnapshot(getRootSnapshot(image), signal);
    try {
      const tree = await openBlockTree({ target: imageId, disk }, { signal });
      const close = async () => {
        await tree.close();
        aws.close();
      };
      return { tree: { ...tree, gaps: [...tree.gaps, ...listUnreadVolumes(image)], close }, image };
    } catch (error) {
      await disk.close();
      throw error;
    }
  } catch (error) {
    aws.close();
    throw error;
  }
}

function getRootSnapshot({ id, state, devices, rootDeviceName }: ImageMetadata): string {
  const snapshotId = devices.find(({ name }) => name === rootDeviceName)?.snapshotId;
  if (snapshotId === undefined) throw createError('SCAN_AMI_WITHOUT_SNAPSHOT', [id, state]);
  return snapshotId;
}

/** Only the root volume is read; that the others were not must not pass for their being clean. */
function listUnreadVolumes({ devices, rootDeviceName }: ImageMetadata): readonly TreeGap[] {
  return devices
    .filter(({ name, snapshotId }) => name !== rootDeviceName && snapshotId !== undefined)
    .map(({ name, snapshotId }) => ({ path: name, reason: `its snapshot ${snapshotId} was not read`, kind: 'volume' }));
}
