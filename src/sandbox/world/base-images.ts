// Base images are descriptors in a folder rather than calls to the server, so that `sandbox image build` works whether
// or not the sandbox is up. A region gets its images and public parameters when it is first asked after them.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { createError } from '../../errors.js';
import { ensurePrivateFolder } from '../../private-folder.js';
import type { SandboxPaths } from '../paths.js';
import { deriveId } from './ids.js';
import type { SandboxServices } from './services.js';

/** An image as its publisher offers it: public, the same in every region. */
export interface BaseImage {
  /** For example `debian-12`. */
  readonly os: string;
  readonly architecture: 'x86_64' | 'arm64';
  /** Absolute path of a qcow2; it must stay where it is. */
  readonly file: string;
  /** The publisher's account, for example Debian's 136693071363. */
  readonly ownerId: string;
  readonly name: string;
  readonly description: string;
  /** For example `/dev/xvda`. */
  readonly rootDeviceName: string;
  readonly loginUser: string;
  /** Public parameters that name the newest image of this kind, for example `/aws/service/debian/release/12/latest/amd64`. */
  readonly ssmParameters: readonly string[];
  /** ISO 8601. */
  readonly createdAt: string;
}

export interface RegisteredBaseImage extends BaseImage {
  readonly digest: string;
  readonly volumeSizeGib: number;
}

/**
 * Makes a base image known to the sandbox of a state folder. The same file gives the same AMI ids again.
 *
 * @throws SANDBOX_BASE_IMAGE_UNREADABLE when the file is missing or not a qcow2
 */
export async function registerBaseImage(paths: SandboxPaths, image: BaseImage): Promise<RegisteredBaseImage> {
  const volumeSizeGib = await readDiskSizeGib(image.file);
  const registered: RegisteredBaseImage = { ...image, volumeSizeGib, digest: await hashFile(image.file) };
  ensurePrivateFolder(paths.baseImagesDir);
  const file = join(paths.baseImagesDir, `${registered.digest.slice(0, 32)}.json`);
  await writeFileAtomic(file, `${JSON.stringify(registered, undefined, 2)}\n`);
  return registered;
}

/** The base images of a state folder, oldest first. */
export async function listBaseImages(paths: SandboxPaths): Promise<readonly RegisteredBaseImage[]> {
  let names: readonly string[];
  try {
    names = await readdir(paths.baseImagesDir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const images: RegisteredBaseImage[] = [];
  for (const name of names.filter((entry) => entry.endsWith('.json')).sort()) {
    images.push(JSON.parse(await readFile(join(paths.baseImagesDir, name), 'utf8')) as RegisteredBaseImage);
  }
  return images.sort((one, other) => one.createdAt.localeCompare(other.createdAt));
}

/** The id that a base image has in a region. */
export function resolveBaseImageId(image: RegisteredBaseImage, region: string): string {
  return deriveId('ami', image.digest, region);
}

/** Puts the base images that a region lacks into the world. */
export async function ensureRegionBaseImages(services: SandboxServices, region: string): Promise<void> {
  for (const image of await listBaseImages(services.paths)) {
    const id = resolveBaseImageId(image, region);
    if (services.world.images.find(id) === undefined) offerBaseImage(services, image, { id, region });
  }
}

/** Publishers' snapshots are readable by every account of the sandbox, also by one that comes later. */
export function openBaseSnapshots({ world, accounts }: SandboxServices): void {
  const sharedAccounts = accounts.list().map(({ accountId }) => accountId);
  for (const { id, ownerId } of world.snapshots.list()) {
    if (!sharedAccounts.includes(ownerId)) world.snapshots.update(id, { sharedAccounts });
  }
}

function offerBaseImage(
  { world, accounts }: SandboxServices,
  image: RegisteredBaseImage,
  { id, region }: { readonly id: string; readonly region: string },
): void {
  const snapshotId = deriveId('snap', image.digest, region);
  const { ownerId, volumeSizeGib, createdAt } = image;
  world.snapshots.put({
    id: snapshotId,
    region,
    tags: {},
    ownerId,
    description: image.description,
    state: 'completed',
    volumeId: 'vol-ffffffffffffffff0',
    volumeSizeGib,
    startedAt: createdAt,
    isEncrypted: false,
    isPublic: false,
    // Publishers seldom share it; here it lets one scan a base image by the way that leads to one's own.
    sharedAccounts: accounts.list().map(({ accountId }) => accountId),
    file: image.file,
  });
  world.images.put({
    id,
    region,
    tags: {},
    name: image.name,
    description: image.description,
    ownerId,
    isPublic: true,
    sharedAccounts: [],
    architecture: image.architecture,
    rootDeviceName: image.rootDeviceName,
    snapshotId,
    volumeSizeGib,
    volumeType: 'gp3',
    deleteOnTermination: true,
    state: 'available',
    stateReason: undefined,
    createdAt,
    deprecatedAt: undefined,
    imdsSupport: undefined,
    bootMode: undefined,
    sourceInstanceId: undefined,
    sourceImage: undefined,
  });
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** A qcow2 header begins with `QFI\xfb` and holds the disk's size in bytes at offset 24 (QEMU, docs/interop/qcow2.txt). */
async function readDiskSizeGib(path: string): Promise<number> {
  const header = Buffer.alloc(32);
  try {
    const file = await open(path, 'r');
    try {
      await file.read(header, 0, header.length, 0);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw createError('SANDBOX_BASE_IMAGE_UNREADABLE', [path, (error as Error).message], { cause: error });
  }
  if (header.toString('latin1', 0, 4) !== 'QFI\xfb') {
    throw createError('SANDBOX_BASE_IMAGE_UNREADABLE', [path, 'it is not a qcow2']);
  }
  return Math.ceil(Number(header.readBigUInt64BE(24)) / 1024 ** 3);
}
