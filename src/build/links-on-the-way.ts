import { lstatSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { createError } from '../errors.js';

/** Errors: OUTPUT_PATH_UNSAFE when a folder between `folder` and the file `path` below it is something else, like a link. */
export function assertNoLinkOnTheWay(folder: string, path: string): void {
  const parts = path.split('/').slice(0, -1);
  for (const [index] of parts.entries()) {
    const parent = join(folder, ...parts.slice(0, index + 1));
    const status = findStatus(parent);
    if (status !== undefined && !status.isDirectory()) throw createError('OUTPUT_PATH_UNSAFE', [parent]);
  }
}

/** Of the thing itself, if it is a link. */
export function findStatus(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}
