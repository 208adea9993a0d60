import { BuildimgError, createError } from '../../../errors.js';
import { describeSystemError, isRangeError, isSystemError } from '../system-error.js';
import type { Filesystem } from './filesystem.js';

/**
 * The same filesystem, with one kind of failure: a damaged field that makes Buffer throw a RangeError is damage of the
 * image as much as one that a check found.
 */
export function guardFilesystem(filesystem: Filesystem): Filesystem {
  return {
    ...filesystem,
    readInode: (number) => guard(filesystem.readInode(number)),
    readDirectory: (inode, onProblem) => guard(filesystem.readDirectory(inode, onProblem)),
    readLink: (inode) => guard(filesystem.readLink(inode)),
    readContent: (inode, maxBytes) => guard(filesystem.readContent(inode, maxBytes)),
    readAttributes: (inode) => guard(filesystem.readAttributes(inode)),
  };
}

/** Waits for `work`. Errors: SCAN_IMAGE_DAMAGED in place of a RangeError. */
export async function guard<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isRangeError(error)) {
      throw createError('SCAN_IMAGE_DAMAGED', ['a field leads out of its block'], { cause: error });
    }
    throw error;
  }
}

/** What is wrong with one place of an image, as a gap says it. Errors: whatever is not about the image. */
export function gapReason(error: unknown): string {
  if (error instanceof BuildimgError) return error.message;
  if (isSystemError(error)) return describeSystemError(error);
  throw error;
}
