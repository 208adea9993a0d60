// Brings a vendor's cloud image into the cache of base images.

import { rm } from 'node:fs/promises';
import path from 'node:path';
import { runTool } from '../machine/run-tool.js';
import type { BaseImage } from './base-image.js';
import { DISK_FILE, writeBaseImage } from './base-image.js';
import { digestFile, ensureCachedImage, toCacheKey } from './image-cache.js';
import { getImageIdentity } from './image-identity.js';
import { inspectDisk } from './inspect-disk.js';
import { copyImageSource, parseChecksum } from './read-image-source.js';

export interface ImportImageRequest {
  /** A path, or a file:, http: or https: address. */
  readonly source: string;
  /** `sha256:` or `sha512:` and the hex digest of the source as its publisher gives it. */
  readonly checksum: string;
  /** Such as `debian-12`, `ubuntu-24.04`, `amazon-linux-2023`; decides the owner, login user and SSM parameters. */
  readonly os: string;
  readonly cacheDir: string;
  readonly signal?: AbortSignal;
  /** Called with a line of text whenever the import goes on; not for parsing. */
  readonly onProgress?: (line: string) => void;
}

const CONVERT_TIMEOUT_MS = 20 * 60_000;
const GIB = 1024 ** 3;

/**
 * Copies, checks and converts an image; a second import of the same checksum is answered from the cache.
 *
 * Errors: SANDBOX_IMAGE_CHECKSUM_FORMAT, SANDBOX_IMAGE_SOURCE, SANDBOX_IMAGE_CHECKSUM_MISMATCH, SANDBOX_IMAGE_FORMAT,
 * SANDBOX_TOOL_MISSING, SANDBOX_TOOL_FAILED.
 */
export async function importImage(request: ImportImageRequest): Promise<BaseImage> {
  const checksum = parseChecksum(request.checksum);
  return ensureCachedImage({
    cacheDir: request.cacheDir,
    // The OS name becomes part of a folder's name.
    key: toCacheKey(`import-${request.os.replaceAll(/[^A-Za-z0-9.-]/g, '_')}`, { os: request.os, checksum }),
    signal: request.signal,
    make: async (workFolder) => {
      const copy = path.join(workFolder, 'source');
      request.onProgress?.(`Reading ${request.source}`);
      await copyImageSource(request.source, copy, { checksum, signal: request.signal });
      await convert(copy, workFolder, request, checksum.hex.slice(0, 8));
      await rm(copy);
    },
  });
}

async function convert(copy: string, workFolder: string, request: ImportImageRequest, digest: string): Promise<void> {
  const { format, virtualSizeBytes } = await inspectDisk(copy, request.source, request.signal);
  request.onProgress?.(`Converting ${format} to qcow2`);
  const virtualSizeGib = Math.ceil(virtualSizeBytes / GIB);
  const file = path.join(workFolder, DISK_FILE);
  const tool = { program: 'qemu-img', timeoutMs: CONVERT_TIMEOUT_MS, signal: request.signal };
  await runTool({
    ...tool,
    arguments: ['convert', '-f', format, '-O', 'qcow2', '-o', 'lazy_refcounts=on', copy, file],
  });
  // EC2 volumes are whole GiB.
  await runTool({ ...tool, arguments: ['resize', '-q', '-f', 'qcow2', file, `${virtualSizeGib}G`] });
  await writeBaseImage({
    os: request.os,
    architecture: 'x86_64',
    file,
    digest: await digestFile(file),
    name: `${request.os}-amd64-${digest}`,
    virtualSizeGib,
    ...getImageIdentity(request.os),
  });
}
