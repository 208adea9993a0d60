import { BuildimgError, createError } from '../../../errors.js';
import { describeSystemError, isMissingError } from '../system-error.js';
import { type BlockSource, openFileSource } from './block-source.js';
import { guard } from './guard-filesystem.js';
import { openQcow2Source, QCOW2_MAGIC } from './qcow2.js';

/**
 * The disk in a file, raw or qcow2.
 * Errors: SCAN_TARGET_MISSING, SCAN_TARGET_UNREADABLE, SCAN_IMAGE_DAMAGED, SCAN_IMAGE_UNSUPPORTED.
 */
export async function openDiskImage(path: string): Promise<BlockSource> {
  const file = await openImageFile(path);
  try {
    const magic = file.size >= 4 ? (await file.read(0, 4)).readUInt32BE(0) : 0;
    return magic === QCOW2_MAGIC ? await guard(openQcow2Source(file)) : file;
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
