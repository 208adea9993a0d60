import { BuildimgError, createError } from '../../../errors.js';
import { describeSystemError, isMissingError } from '../system-error.js';
import { type BlockSource, openFileSource } from './block-source.js';
import { createNotADiskError, findDiskFormat } from './disk-formats.js';
import { guard } from './guard-filesystem.js';
import { openQcow2Source } from './qcow2.js';

/**
 * The disk in a file, raw or qcow2.
 * Errors: SCAN_TARGET_MISSING, SCAN_TARGET_UNREADABLE, SCAN_NOT_AN_IMAGE for a file of another format, SCAN_IMAGE_DAMAGED, SCAN_IMAGE_UNSUPPORTED.
 */
export async function openDiskImage(path: string): Promise<BlockSource> {
  const file = await openImageFile(path);
  try {
    const format = await findDiskFormat(file);
    if (format === undefined) return file;
    if (format.name === 'qcow2') return await guard(openQcow2Source(file));
    throw createNotADiskError(path, format);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openImageFile(path: string): Promise<BlockSource> {
  try {
    return await openFileSource(path);
  } catch (error) {
    if (error instanceof BuildimgError) throw error;
    if (isMissingError(error)) throw createError('SCAN_TARGET_MISSING', [path], { cause: error });
    throw createError('SCAN_TARGET_UNREADABLE', [path, describeSystemError(error)], { cause: error });
  }
}
