import { stat } from 'node:fs/promises';
import { createError } from '../errors.js';
import type { PlatformArchive } from './archive.js';
import { readFolder } from './read-folder.js';
import { readZip } from './read-zip.js';

/** Opens a folder or a zip file without unpacking it. Throws ARCHIVE_MISSING; all else is in its findings. */
export async function openArchive(path: string, signal: AbortSignal): Promise<PlatformArchive> {
  const status = await stat(path).catch(() => undefined);
  if (status?.isDirectory() === true) return readFolder(path, signal);
  if (status?.isFile() === true) return readZip(path, status.size, signal);
  throw createError('ARCHIVE_MISSING', [path]);
}
