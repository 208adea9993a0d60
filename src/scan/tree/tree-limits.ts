// What one scan may cost, whatever the target says about itself.

import type { TreeGap } from './file-tree.js';

export interface TreeLimits {
  /** Entries after which indexing stops, with a gap. A large server has about 500,000 files. */
  readonly maxEntries: number;
  /** Longest path inside the target. Linux itself stops at 4096 (PATH_MAX). */
  readonly maxPathBytes: number;
  /** Gaps kept one by one; the rest is counted. */
  readonly maxGaps: number;
  /** Bytes that a stream may spool to disk. */
  readonly maxSpooledBytes: number;
  /** Bytes of one file that a stream keeps; no rule reads further. */
  readonly maxSpooledFileBytes: number;
}

const DEFAULT_TREE_LIMITS: TreeLimits = {
  maxEntries: 2_000_000,
  maxPathBytes: 4096,
  maxGaps: 1000,
  maxSpooledBytes: 64 * 1024 ** 3,
  maxSpooledFileBytes: 64 * 1024 ** 2,
};

/** What every `open…Tree` function takes next to its target. */
export interface OpenTreeOptions {
  readonly signal: AbortSignal;
  readonly limits?: Partial<TreeLimits>;
}

/** The limits of a call: what was given, over the defaults. */
export function resolveTreeLimits(given: Partial<TreeLimits> | undefined): TreeLimits {
  return { ...DEFAULT_TREE_LIMITS, ...given };
}

export interface GapList {
  readonly gaps: readonly TreeGap[];
  add(path: string, reason: string, kind?: TreeGap['kind']): void;
}

/** Collects gaps; a tree with a million unreadable folders still gives a short report. */
export function createGapList(maxGaps: number): GapList {
  const gaps: TreeGap[] = [];
  let hidden = 0;
  return {
    gaps,
    add(path, reason, kind) {
      if (gaps.length < maxGaps) {
        gaps.push({ path, reason, ...(kind === undefined ? {} : { kind }) });
        return;
      }
      if (kind === 'later') return;
      hidden += 1;
      gaps[maxGaps] = { path: '/', reason: `${hidden} more places could not be read` };
    },
  };
}
