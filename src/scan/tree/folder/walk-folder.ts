import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  statfsSync,
} from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { displayName, rawPath } from '../entry-name.js';
import type { FileIndex } from '../file-index.js';
import { ROOT } from '../file-index.js';
import { describeSystemError } from '../system-error.js';
import type { GapList, TreeLimits } from '../tree-limits.js';
import { newEntryFromStats } from './stats-entry.js';

// lstat through the thread pool costs five times what the call itself does, so the walk is synchronous, in slices that
// leave the event loop time to deliver an abort.
const ENTRIES_PER_SLICE = 2000;

const OPEN_DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

interface FolderWalk {
  readonly index: FileIndex;
  /** Real path of the folder; empty for `/`. */
  readonly root: string;
  readonly rootDevice: number;
  readonly gaps: GapList;
  readonly limits: TreeLimits;
  readonly signal: AbortSignal;
  readonly oneFileSystem: boolean;
}

/** Adds everything below the root to the index. Gives the device of each node that is not on the root's device. */
export async function walkFolder(walk: FolderWalk): Promise<ReadonlyMap<number, number>> {
  const { index, gaps, limits, signal } = walk;
  const hasDescriptorPaths = existsSync('/proc/self/fd');
  const devices = new Map<number, number>();
  let sliceEnd = ENTRIES_PER_SLICE;
  // Parents come before children in the index, so the index itself is the queue of a breadth-first walk.
  for (let node = ROOT; node < index.count; node += 1) {
    if (index.typeOf(node) !== 'directory') continue;
    const device = devices.get(node) ?? walk.rootDevice;
    const reason = reasonToStayOut({ walk, node, device, parentDevice: devices.get(index.parentOf(node)) });
    if (reason === 'pseudo') continue;
    if (reason !== undefined) gaps.add(index.pathOf(node), reason);
    else {
      for (const _ of readDirectory({ walk, node, device, devices, hasDescriptorPaths })) {
        if (index.count < sliceEnd) continue;
        await setImmediate();
        signal.throwIfAborted();
        sliceEnd = index.count + ENTRIES_PER_SLICE;
      }
    }
    if (index.count >= limits.maxEntries) {
      gaps.add('/', `more than ${limits.maxEntries} entries; the rest was not looked at`);
      break;
    }
  }
  return devices;
}

interface DirectoryRead {
  readonly walk: FolderWalk;
  readonly node: number;
  readonly device: number;
  readonly devices: Map<number, number>;
  readonly hasDescriptorPaths: boolean;
}

/** Adds the children of one directory; yields after each, so that the caller can pause. */
function* readDirectory({ walk, node, device, devices, hasDescriptorPaths }: DirectoryRead): Generator<void> {
  const { index, gaps, limits } = walk;
  const rawFolder = walk.root === '' ? index.rawPathOf(node) : `${toRaw(walk.root)}${index.rawPathOf(node)}`;
  let descriptor: number | undefined;
  try {
    descriptor = openSync(rawPath(rawFolder), OPEN_DIRECTORY);
    const opened = fstatSync(descriptor);
    if (opened.ino !== index.locatorOf(node) || opened.dev !== device) {
      gaps.add(index.pathOf(node), 'it was replaced while it was read');
      return;
    }
    // Names below the descriptor cannot be led elsewhere by somebody who swaps a parent for a link.
    const folder = hasDescriptorPaths ? `/proc/self/fd/${descriptor}` : rawFolder;
    for (const raw of readdirSync(rawPath(folder), 'latin1')) {
      if (index.count >= limits.maxEntries) return;
      if (rawFolder.length - walk.root.length + raw.length + 1 > limits.maxPathBytes) {
        gaps.add(index.pathOf(node), 'its entries have paths that are too long');
        return;
      }
      addChild({ walk, node, device, devices, path: `${folder}/${raw}`, raw });
      yield;
    }
  } catch (error) {
    gaps.add(index.pathOf(node), describeSystemError(error));
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

interface ChildRead {
  readonly walk: FolderWalk;
  readonly node: number;
  readonly device: number;
  readonly devices: Map<number, number>;
  readonly path: string;
  readonly raw: string;
}

function addChild({ walk, node, devices, path, raw }: ChildRead): void {
  const { index, gaps, rootDevice } = walk;
  const name = displayName(raw);
  try {
    const stats = lstatSync(rawPath(path));
    const facts = newEntryFromStats(name, stats);
    const linkTarget = stats.isSymbolicLink() ? displayName(readlinkSync(rawPath(path), 'latin1')) : undefined;
    const child = index.add(node, {
      ...facts,
      ...(name === raw ? {} : { rawName: raw }),
      ...(linkTarget === undefined ? {} : { linkTarget }),
    });
    if (stats.dev !== rootDevice) devices.set(child, stats.dev);
  } catch (error) {
    const folder = index.pathOf(node);
    gaps.add(folder === '/' ? `/${name}` : `${folder}/${name}`, describeSystemError(error));
  }
}

interface MountQuestion {
  readonly walk: FolderWalk;
  readonly node: number;
  readonly device: number;
  readonly parentDevice: number | undefined;
}

/** Why a directory is not entered; 'pseudo' for the kernel's own filesystems, which hold nothing of an image. */
function reasonToStayOut({ walk, node, device, parentDevice }: MountQuestion): string | undefined {
  if (device === (parentDevice ?? walk.rootDevice)) {
    // A container may see /proc of its own on the same device number as nothing else; the live machine never does.
    return walk.root === '' && LIVE_PSEUDO_FOLDERS.has(walk.index.pathOf(node)) ? 'pseudo' : undefined;
  }
  if (PSEUDO_FOLDERS.test(walk.index.pathOf(node))) return 'pseudo';
  if (walk.oneFileSystem) return 'another filesystem is mounted here';
  try {
    const { type } = statfsSync(rawPath(`${toRaw(walk.root)}${walk.index.rawPathOf(node)}`));
    if (DISK_FILESYSTEMS.has(type >>> 0)) return undefined;
    return `a filesystem that is no part of an image is mounted here (type 0x${(type >>> 0).toString(16)})`;
  } catch (error) {
    return describeSystemError(error);
  }
}

const LIVE_PSEUDO_FOLDERS = new Set(['/proc', '/sys', '/dev']);
const PSEUDO_FOLDERS = /(^|\/)(proc|sys|dev|run)$/;

/** Magic numbers of filesystems that live on a disk (statfs(2)): ext, XFS, btrfs, f2fs, vfat, overlay, squashfs, erofs, zfs. */
const DISK_FILESYSTEMS = new Set([
  0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x4d44, 0x794c7630, 0x73717368, 0xe0f5e1e2, 0x2fc12fc1,
]);

function toRaw(path: string): string {
  return Buffer.from(path, 'utf8').toString('latin1');
}
