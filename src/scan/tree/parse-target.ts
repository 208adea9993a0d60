// What a user means by TARGET. A file is judged by what it holds, not by its name.

import { stat } from 'node:fs/promises';
import { createError } from '../../errors.js';
import { typeOf } from './folder/stats-entry.js';
import { openFileSource } from './image/block-source.js';
import { detectVolume } from './image/detect-content.js';
import { createNotADiskError, findDiskFormat } from './image/disk-formats.js';
import { guard } from './image/guard-filesystem.js';
import { findPartitionTable } from './image/partitions.js';
import { describeSystemError, isMissingError } from './system-error.js';
import { parseSshAddress } from './tar/ssh-address.js';

export type ScanTarget =
  | { readonly kind: 'live'; readonly path: '/' }
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'disk-image'; readonly path: string; readonly format: 'raw' | 'qcow2' }
  | { readonly kind: 'ssh'; readonly address: string }
  | { readonly kind: 'ami'; readonly imageId: string };

/**
 * Finds out what a target is.
 * Errors: SCAN_TARGET_UNKNOWN, SCAN_TARGET_MISSING, SCAN_TARGET_UNREADABLE, SCAN_NOT_AN_IMAGE, SCAN_SSH_ADDRESS.
 */
export async function parseTarget(text: string): Promise<ScanTarget> {
  if (/^ami-([0-9a-f]{8}|[0-9a-f]{17})$/.test(text)) return { kind: 'ami', imageId: text };
  if (text.startsWith('ssh://')) {
    parseSshAddress(text);
    return { kind: 'ssh', address: text };
  }
  if (text === '' || text.includes('\0') || /^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    throw createError('SCAN_TARGET_UNKNOWN', [text]);
  }
  if (/^\/+$/.test(text)) return { kind: 'live', path: '/' };
  const { mode, size } = await statTarget(text);
  const type = typeOf(mode);
  if (type === 'directory') return { kind: 'folder', path: text };
  // Opening a FIFO would wait for somebody to write.
  if (type !== 'file') throw createError('SCAN_NOT_AN_IMAGE', [text, `it is a ${type}`]);
  if (size === 0) throw createError('SCAN_NOT_AN_IMAGE', [text, 'it is empty']);
  return { kind: 'disk-image', path: text, format: await sniffImage(text) };
}

async function statTarget(path: string): Promise<{ mode: number; size: number }> {
  try {
    return await stat(path);
  } catch (error) {
    if (!isMissingError(error))
      throw createError('SCAN_TARGET_UNREADABLE', [path, describeSystemError(error)], { cause: error });
    // `ami-123` is more likely a mistyped id than a file.
    if (path.startsWith('ami-')) throw createError('SCAN_TARGET_UNKNOWN', [path], { cause: error });
    throw createError('SCAN_TARGET_MISSING', [path], { cause: error });
  }
}

async function sniffImage(path: string): Promise<'raw' | 'qcow2'> {
  const file = await openFileSource(path).catch((error: unknown) => {
    throw createError('SCAN_TARGET_UNREADABLE', [path, describeSystemError(error)], { cause: error });
  });
  try {
    const format = await findDiskFormat(file);
    if (format?.name === 'qcow2') return 'qcow2';
    if (format !== undefined) throw createNotADiskError(path, format);
    const isDisk =
      (await guard(detectVolume(file))) !== 'unknown' || (await guard(findPartitionTable(file))) !== undefined;
    if (isDisk) return 'raw';
    throw createError('SCAN_NOT_AN_IMAGE', [path, 'it starts like none that is known']);
  } finally {
    await file.close();
  }
}
