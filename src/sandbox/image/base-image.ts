// What a base image is to the sandbox's API side, and where its description lies on disk.

import { access, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createError } from '../../errors.js';

export interface BaseImage {
  readonly os: string;
  readonly architecture: 'x86_64' | 'arm64';
  /** Absolute path of a self-contained qcow2 file. */
  readonly file: string;
  /** `sha256:` and the hex digest of the file. */
  readonly digest: string;
  /** As DescribeImages shows it. */
  readonly name: string;
  readonly ownerId: string;
  readonly rootDeviceName: string;
  readonly loginUser: string;
  /** Public SSM parameters whose value is this image's id. */
  readonly ssmParameters: readonly string[];
  readonly virtualSizeGib: number;
}

/** The facts about a vendor's images that do not depend on how the disk was made. */
export type ImageIdentity = Pick<BaseImage, 'ownerId' | 'rootDeviceName' | 'loginUser' | 'ssmParameters'>;

const DESCRIPTION_FILE = 'base-image.json';
export const DISK_FILE = 'disk.qcow2';
/** The kernel of an image that was made here, for the probe of KVM; an imported image has none beside its disk. */
export const KERNEL_FILE = 'vmlinuz';

/** Writes base-image.json beside the disk. The caller renames the finished folder to where others look for it. */
export async function writeBaseImage(image: BaseImage): Promise<void> {
  const folder = path.dirname(image.file);
  const description = { ...image, file: path.basename(image.file) };
  await writeFile(path.join(folder, DESCRIPTION_FILE), `${JSON.stringify(description, undefined, 2)}\n`);
}

/** Undefined when the folder holds no complete image. Error: SANDBOX_IMAGE_CACHE_BROKEN. */
export async function findBaseImage(folder: string): Promise<BaseImage | undefined> {
  const file = path.join(folder, DESCRIPTION_FILE);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const image = JSON.parse(text) as BaseImage;
    if (typeof image.file !== 'string' || typeof image.digest !== 'string') throw new Error('not a base image');
    return { ...image, file: path.join(folder, path.basename(image.file)) };
  } catch (cause) {
    throw createError('SANDBOX_IMAGE_CACHE_BROKEN', [file], { cause });
  }
}

/** The kernel of some base image of a cache; undefined while it holds none. */
export async function findCachedKernel(cacheDir: string): Promise<string | undefined> {
  const entries = await readdir(cacheDir).catch(() => []);
  for (const entry of entries.toSorted().toReversed()) {
    const folder = path.join(cacheDir, entry);
    const file = path.join(folder, KERNEL_FILE);
    const isWhole = (await isThere(file)) && (await isThere(path.join(folder, DESCRIPTION_FILE)));
    if (isWhole && !entry.includes('.work-')) return file;
  }
  return undefined;
}

async function isThere(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}
