// What a disk is made of: its partitions and the filesystem in each.

import type { GapList } from '../tree-limits.js';
import { type BlockSource, cacheSource, sliceSource } from './block-source.js';
import { detectVolume, type VolumeKind } from './detect-content.js';
import { openExt4 } from './ext4/open-ext4.js';
import type { Filesystem } from './filesystem.js';
import { gapReason, guard, guardFilesystem } from './guard-filesystem.js';
import { findPartitionTable, type Partition } from './partitions.js';
import { openXfs } from './xfs/open-xfs.js';

export interface Volume {
  readonly kind: VolumeKind;
  /** Missing when the whole disk is one filesystem. */
  readonly partition?: Partition;
  /** Only for kinds that can be read, when they could be opened. */
  readonly filesystem?: Filesystem;
}

export interface DiskLayout {
  readonly table: 'gpt' | 'mbr' | 'none';
  readonly volumes: readonly Volume[];
}

/** Finds and opens the filesystems of a disk; what cannot be read becomes a gap. Errors: SCAN_IMAGE_DAMAGED. */
export async function openVolumes(disk: BlockSource, gaps: GapList): Promise<DiskLayout> {
  // A bare filesystem first: the boot code in front of one may look like a partition table.
  const bare = await guard(detectVolume(disk));
  if (bare !== 'unknown' && bare !== 'vfat') return { table: 'none', volumes: [await openVolume(disk, bare, gaps)] };
  const table = await guard(findPartitionTable(disk));
  if (table === undefined) return { table: 'none', volumes: bare === 'unknown' ? [] : [{ kind: bare }] };
  for (const problem of table.problems) gaps.add('/', problem);
  const volumes: Volume[] = [];
  for (const partition of table.partitions) {
    const source = sliceSource(disk, partition.start, partition.size);
    volumes.push({ ...(await openVolume(source, await guard(detectVolume(source)), gaps, partition)), partition });
  }
  return { table: table.kind, volumes };
}

/** Says what was found, for messages: `partition 1: ext4, partition 2: swap`. */
export function describeLayout({ volumes }: DiskLayout): string {
  const parts = volumes.map(({ kind, partition }) =>
    partition === undefined ? kind : `partition ${partition.number}: ${kind}`,
  );
  return parts.length === 0 ? 'neither a partition table nor a filesystem' : parts.join(', ');
}

async function openVolume(
  source: BlockSource,
  kind: VolumeKind,
  gaps: GapList,
  partition?: Partition,
): Promise<Volume> {
  if (kind !== 'ext4' && kind !== 'xfs') return { kind };
  const cached = cacheSource(source);
  try {
    const filesystem = await guard(kind === 'ext4' ? openExt4(cached) : openXfs(cached));
    return { kind, filesystem: guardFilesystem(filesystem) };
  } catch (error) {
    gaps.add(
      '/',
      `${partition === undefined ? 'the filesystem' : `partition ${partition.number}`}: ${gapReason(error)}`,
    );
    return { kind };
  }
}
