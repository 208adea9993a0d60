import { createError } from '../../../errors.js';
import { FileIndex } from '../file-index.js';
import type { FileTree } from '../file-tree.js';
import { createIndexedTree, findNode } from '../indexed-tree.js';
import { createGapList, type OpenTreeOptions, resolveTreeLimits } from '../tree-limits.js';
import type { BlockSource } from './block-source.js';
import { gapReason } from './guard-filesystem.js';
import { planMounts } from './mounts.js';
import { openDiskImage } from './open-disk-image.js';
import { describeLayout, listProblems, openVolumes } from './volumes.js';
import { walkImage } from './walk-image.js';

/**
 * Indexes the system in a disk image, raw or qcow2, without root rights and without mounting: the ext4 or XFS filesystem
 * that holds /etc, and those that its fstab mounts.
 * Errors: those of `openDiskImage` and of `openBlockTree`.
 */
export async function openDiskImageTree(path: string, options: OpenTreeOptions): Promise<FileTree> {
  const disk = await openDiskImage(path);
  try {
    return await openBlockTree({ target: path, disk }, options);
  } catch (error) {
    await disk.close();
    throw error;
  }
}

/**
 * The same over any source of blocks, which the tree closes when it is closed.
 * Errors: SCAN_NOT_AN_IMAGE, SCAN_ROOT_NOT_FOUND, SCAN_IMAGE_DAMAGED, SCAN_IMAGE_UNSUPPORTED.
 */
export async function openBlockTree(
  { target, disk }: { readonly target: string; readonly disk: BlockSource },
  options: OpenTreeOptions,
): Promise<FileTree> {
  const limits = resolveTreeLimits(options.limits);
  const gaps = createGapList(limits.maxGaps);
  const layout = await openVolumes(disk, gaps);
  if (layout.volumes.length === 0) {
    throw createError('SCAN_NOT_AN_IMAGE', [target, gaps.gaps[0]?.reason ?? describeLayout(layout)]);
  }
  const plan = await planMounts(layout, gaps);
  if (plan === undefined) {
    throw createError('SCAN_ROOT_NOT_FOUND', [
      target,
      [describeLayout(layout), ...listProblems(layout), ...gaps.gaps.slice(0, 3).map(({ reason }) => reason)].join(
        '; ',
      ),
    ]);
  }
  const { filesystems, mounts } = plan;
  const index = new FileIndex();
  await walkImage({ index, filesystems, mounts, gaps, limits, signal: options.signal });
  for (const [at, { notes }] of filesystems.entries()) {
    const place = [...mounts].find(([, number]) => number === at)?.[0] ?? '/';
    for (const note of notes) gaps.add(place, note, 'volume');
  }
  for (const twin of index.seal()) gaps.add(index.pathOf(twin), 'its directory has this name twice');
  for (const [mountPoint, volume] of mounts) {
    const node = findNode(index, mountPoint);
    if (node === undefined || index.volumeOf(node) !== volume)
      gaps.add(mountPoint, 'a volume is mounted here, but the image has no such folder', 'volume');
  }
  return createIndexedTree({
    target,
    index,
    gaps: gaps.gaps,
    async readContent(node, maxBytes) {
      try {
        const filesystem = filesystems[index.volumeOf(node)];
        if (filesystem === undefined) return Buffer.alloc(0);
        return await filesystem.readContent(await filesystem.readInode(index.locatorOf(node)), maxBytes);
      } catch (error) {
        throw createError('SCAN_READ_FAILED', [index.pathOf(node), gapReason(error)], { cause: error });
      }
    },
    close: () => disk.close(),
  });
}
