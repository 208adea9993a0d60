import { closeSync, constants, fstatSync, openSync, read, readlinkSync, readSync, type Stats } from 'node:fs';
import { promisify } from 'node:util';
import { createError } from '../../../errors.js';
import { rawPath } from '../entry-name.js';
import type { FileIndex } from '../file-index.js';
import { describeSystemError, isSystemError } from '../system-error.js';

// O_NONBLOCK: a FIFO put in the file's place must not hold the scan; O_NOFOLLOW: nor may a link lead it elsewhere.
const OPEN_FILE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

// Up to here a synchronous read is quicker than a trip through the thread pool.
const SYNC_BYTES = 256 * 1024;

const readAsync = promisify(read);

interface ReaderParts {
  readonly index: FileIndex;
  /** Real path of the folder; empty for `/`. */
  readonly root: string;
  /** Devices of the nodes that are not on the root's device. */
  readonly devices: ReadonlyMap<number, number>;
}

/**
 * A function that reads the first bytes of the file at a node, if it still is the regular file that was indexed.
 * Errors: SCAN_READ_FAILED.
 */
export function createReader({
  index,
  root,
  devices,
}: ReaderParts): (node: number, maxBytes: number) => Promise<Buffer> {
  const rawRoot = Buffer.from(root, 'utf8').toString('latin1');
  return async (node, maxBytes) => {
    const path = `${rawRoot}${index.rawPathOf(node)}`;
    const fail = (reason: string, cause?: unknown) =>
      createError('SCAN_READ_FAILED', [index.pathOf(node), reason], { cause });
    let descriptor: number | undefined;
    try {
      descriptor = openSync(rawPath(path), OPEN_FILE);
      const stats = fstatSync(descriptor);
      if (!stats.isFile()) throw fail('it is no longer a regular file');
      const isSame = stats.ino === index.locatorOf(node) && sameDevice(stats, devices.get(node));
      if (!isSame && !isReachedAt(descriptor, path)) throw fail('it was replaced while it was read');
      return await readStart(descriptor, Math.min(maxBytes, stats.size));
    } catch (error) {
      throw isSystemError(error) ? fail(describeSystemError(error), error) : error;
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  };
}

function sameDevice(stats: Stats, expected: number | undefined): boolean {
  return expected === undefined || stats.dev === expected;
}

/** Editors and package managers replace files by renaming; the new file is as good if no link led to it. */
function isReachedAt(descriptor: number, path: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`, 'latin1') === path;
  } catch {
    return false;
  }
}

async function readStart(descriptor: number, length: number): Promise<Buffer> {
  const content = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const wanted = length - filled;
    const got =
      length <= SYNC_BYTES
        ? readSync(descriptor, content, filled, wanted, filled)
        : (await readAsync(descriptor, content, filled, wanted, filled)).bytesRead;
    if (got === 0) break;
    filled += got;
  }
  return content.subarray(0, filled);
}
