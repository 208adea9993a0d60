// A folder of this machine as a tree. Whoever owns the folder may change it while it is read, so no path is trusted
// twice: a directory is opened without following links, must be the one that was seen, and its children are looked up
// through the open descriptor.

import { lstatSync, realpathSync } from 'node:fs';
import { createError } from '../../../errors.js';
import { FileIndex, ROOT } from '../file-index.js';
import type { FileTree } from '../file-tree.js';
import { createIndexedTree } from '../indexed-tree.js';
import { describeSystemError, isMissingError, isSystemError } from '../system-error.js';
import { createGapList, type OpenTreeOptions, resolveTreeLimits } from '../tree-limits.js';
import { addFileCapabilities } from './file-capabilities.js';
import { createReader } from './read-regular-file.js';
import { newEntryFromStats } from './stats-entry.js';
import { walkFolder } from './walk-folder.js';

export interface OpenFolderTreeOptions extends OpenTreeOptions {
  /** Stay on the filesystem of the folder itself; other ones mounted below it become gaps. Default: no. */
  readonly oneFileSystem?: boolean;
}

/**
 * Indexes a root filesystem in a folder, or this machine with `/`. Links never lead out of it; FIFOs, sockets and
 * devices are named and never opened.
 * Errors: SCAN_TARGET_MISSING, SCAN_TARGET_UNREADABLE.
 */
export async function openFolderTree(path: string, options: OpenFolderTreeOptions): Promise<FileTree> {
  const { signal, oneFileSystem = false } = options;
  const limits = resolveTreeLimits(options.limits);
  const gaps = createGapList(limits.maxGaps);
  const root = openRoot(path);
  const index = new FileIndex();
  index.add(ROOT, newEntryFromStats('', root.stats));
  const walked = { index, root: root.path, rootDevice: root.stats.dev, gaps, limits, signal, oneFileSystem };
  const devices = await walkFolder(walked);
  for (const twin of index.seal()) gaps.add(index.pathOf(twin), 'the directory changed while it was read');
  await addFileCapabilities({ index, root: root.path, gaps, signal });
  return createIndexedTree({
    target: path,
    index,
    gaps: gaps.gaps,
    readContent: createReader({ index, root: root.path, devices }),
    close: async () => undefined,
  });
}

function openRoot(path: string) {
  try {
    // The user's own path may be a link; from here on none is followed.
    const real = realpathSync(path);
    const stats = lstatSync(real);
    if (!stats.isDirectory()) throw createError('SCAN_TARGET_UNREADABLE', [path, 'it is not a folder']);
    return { path: real === '/' ? '' : real, stats };
  } catch (error) {
    if (isMissingError(error)) throw createError('SCAN_TARGET_MISSING', [path], { cause: error });
    if (isSystemError(error)) {
      throw createError('SCAN_TARGET_UNREADABLE', [path, describeSystemError(error)], { cause: error });
    }
    throw error;
  }
}
