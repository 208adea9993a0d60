import type { ImageMetadata } from '../scan/image-metadata.js';
import type { FileTree } from '../scan/tree/file-tree.js';
import { parseTarget } from '../scan/tree/parse-target.js';
import type { CliContext } from './cli-context.js';

/** What is scanned: files, and of an AMI also what EC2 says about it. */
export interface ScanTarget {
  readonly tree: FileTree;
  readonly image?: ImageMetadata | undefined;
}

export interface ScanTargetRequest {
  /** As the user wrote it. */
  readonly target: string;
  /** AMIs are those of the sandbox. */
  readonly isSandbox: boolean;
  /** Where an AMI is; undefined: as the environment says. */
  readonly region: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Indexes what the user named; the tree has to be closed.
 * Errors: those of `parseTarget`, of each kind of tree and of `openAmi`.
 */
export async function openScanTarget(
  { target, isSandbox, region, signal }: ScanTargetRequest,
  cli: Pick<CliContext, 'environment' | 'output'>,
): Promise<ScanTarget> {
  const parsed = await parseTarget(target);
  switch (parsed.kind) {
    case 'live':
    case 'folder': {
      const { openFolderTree } = await import('../scan/tree/folder/open-folder-tree.js');
      return { tree: await openFolderTree(parsed.path, { signal }) };
    }
    case 'disk-image': {
      const { openDiskImageTree } = await import('../scan/tree/image/open-disk-image-tree.js');
      return { tree: await openDiskImageTree(parsed.path, { signal }) };
    }
    case 'ssh': {
      const { openSshTree } = await import('../scan/tree/tar/open-ssh-tree.js');
      cli.output.progress('ssh reads ~/.ssh/config for the way there; no agent, no display and no port is forwarded.');
      return { tree: await openSshTree(parsed.address, { signal }) };
    }
    case 'ami': {
      const { openAmi } = await import('./open-ami.js');
      return await openAmi({ imageId: parsed.imageId, region, isSandbox, signal }, cli);
    }
  }
}
