// Which places that were not read leave a verdict open.

import { BuildimgError } from '../errors.js';
import type { TreeGap } from './tree/file-tree.js';

/** Folders that an operating system and its users' settings are in; data lies elsewhere: /srv, /mnt, /data, … */
const SYSTEM_FOLDER = /^\/(?:bin|boot|efi|etc|home|lib|lib32|lib64|libx32|opt|root|sbin|usr|var)(?:\/|$)/;
/** Below /var, but nobody's settings: what programs can make anew. */
const SCRATCH_FOLDER = /^\/var\/(?:cache|tmp)\//;

/**
 * The gaps that make a scan fail, because a finding may hide in them: a place in a system folder, the target as a whole,
 * and every volume that was not looked at, wherever it is mounted.
 */
export function listSystemGaps(gaps: readonly TreeGap[]): readonly TreeGap[] {
  return gaps.filter(isSystemGap);
}

function isSystemGap({ path, kind }: TreeGap): boolean {
  if (kind !== undefined) return kind === 'volume';
  return path === '/' || (SYSTEM_FOLDER.test(path) && !SCRATCH_FOLDER.test(path));
}

/** What a gap says of a failed read; a reason in words stays as it is. */
export function explainGap(cause: unknown): Pick<TreeGap, 'reason' | 'kind'> {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const isReadLater = cause instanceof BuildimgError && cause.code === 'SCAN_NOT_COLLECTED';
  return { reason, ...(isReadLater ? { kind: 'later' } : {}) };
}
