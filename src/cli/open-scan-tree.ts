import { createError } from '../errors.js';
import type { FileTree } from '../scan/tree/file-tree.js';
import { parseTarget } from '../scan/tree/parse-target.js';
import type { CliContext } from './cli-context.js';

export interface ScanTreeRequest {
  /** As the user wrote it. */
  readonly target: string;
  /** AMIs are those of the sandbox. */
  readonly isSandbox: boolean;
  readonly signal: AbortSignal;
}

/**
 * Indexes what the user named; the tree has to be closed.
 * Errors: those of `parseTarget` and of each kind of tree; SCAN_AMI_NOT_IN_SANDBOX, SCAN_AMI_NEEDS_EBS.
 */
export async function openScanTree(
  { target, isSandbox, signal }: ScanTreeRequest,
  cli: Pick<CliContext, 'environment'>,
): Promise<FileTree> {
  const parsed = await parseTarget(target);
  switch (parsed.kind) {
    case 'live':
    case 'folder': {
      const { openFolderTree } = await import('../scan/tree/folder/open-folder-tree.js');
      return await openFolderTree(parsed.path, { signal });
    }
    case 'disk-image':
      return await openDiskImage(parsed.path, signal);
    case 'ssh': {
      const { openSshTree } = await import('../scan/tree/tar/open-ssh-tree.js');
      return await openSshTree(parsed.address, { signal });
    }
    case 'ami': {
      if (!isSandbox) throw createError('SCAN_AMI_NEEDS_EBS', [parsed.imageId]);
      const { findSandboxImageFile } = await import('./find-sandbox-image-file.js');
      const tree = await openDiskImage(await findSandboxImageFile(parsed.imageId, cli), signal);
      // The report is about the image, not about the file that the sandbox happens to keep it in.
      return { ...tree, target: parsed.imageId };
    }
  }
}

async function openDiskImage(path: string, signal: AbortSignal): Promise<FileTree> {
  const { openDiskImageTree } = await import('../scan/tree/image/open-disk-image-tree.js');
  return await openDiskImageTree(path, { signal });
}
