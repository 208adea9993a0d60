import type { MachineImage, SnapshotReader } from '../aws/ports.js';
import { BuildimgError, createError } from '../errors.js';
import type { FileTree, TreeGap } from '../scan/tree/file-tree.js';
import { openBlockTree } from '../scan/tree/image/open-disk-image-tree.js';

/**
 * Indexes the root filesystem of an image by reading the blocks of its snapshots; nothing is launched.
 * Errors: those of `openSnapshot` and `openBlockTree`; SCAN_ROOT_NOT_FOUND when none of its snapshots has one.
 */
export async function openCapturedTree(
  { id, snapshotIds }: Pick<MachineImage, 'id' | 'snapshotIds'>,
  snapshots: SnapshotReader,
  signal: AbortSignal,
): Promise<FileTree> {
  let missing = createError('SCAN_ROOT_NOT_FOUND', [id, 'it has no snapshot']);
  for (const snapshotId of snapshotIds) {
    const disk = await snapshots.openSnapshot(snapshotId, signal);
    try {
      const tree = await openBlockTree({ target: id, disk }, { signal });
      return { ...tree, gaps: [...tree.gaps, ...listUnread(snapshotIds, snapshotId)] };
    } catch (error) {
      await disk.close();
      // A volume with data only: the root is on another one.
      if (!(error instanceof BuildimgError) || !NO_ROOT.has(error.code)) throw error;
      missing = error;
    }
  }
  throw missing;
}

const NO_ROOT: ReadonlySet<string> = new Set(['SCAN_ROOT_NOT_FOUND', 'SCAN_NOT_AN_IMAGE']);

function listUnread(snapshotIds: readonly string[], root: string): readonly TreeGap[] {
  return snapshotIds
    .filter((each) => each !== root)
    .map((each) => ({ path: '/', reason: `the snapshot ${each} of another volume was not read`, kind: 'volume' }));
}
