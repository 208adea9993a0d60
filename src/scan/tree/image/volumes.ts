// What a disk is made of: its partitions and the filesystem in each.

import type { GapList } from '../tree-limits.js';
import { type BlockSource, cacheSource, isBlank, sliceSource } from './block-source.js';
import { detectVolume, type VolumeKind } from './detect-content.js';
import { openExt4 } from './ext4/open-ext4.js';
import { openFat } from './fat/open-fat.js';
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
  /** Why a filesystem of such a kind could not be opened. */
  readonly problem?: string;
  /** Nothing that a scan could look at: zeros, a swap area that was never used, or the code of a boot loader. */
  readonly isEmpty: boolean;
}

export interface DiskLayout {
  readonly table: 'gpt' | 'mbr' | 'none';
  readonly volumes: readonly Volume[];
}

/** Finds and opens the filesystems of a disk; what cannot be read becomes a gap. Errors: SCAN_IMAGE_DAMAGED. */
export async function openVolumes(disk: BlockSource, gaps: GapList): Promise<DiskLayout> {
  // A bare filesystem first: the boot code in front of one may look like a partition table.
  const bare = await guard(detectVolume(disk));
  if (bare !== 'unknown' && bare !== 'vfat') return { table: 'none', volumes: [await openVolume(disk, bare)] };
  const table = await guard(findPartitionTable(disk));
  if (table === undefined) return { table: 'none', volumes: bare === 'unknown' ? [] : [await openVolume(disk, bare)] };
  for (const problem of table.problems) gaps.add('/', problem, 'volume');
  const volumes: Volume[] = [];
  for (const partition of table.partitions) {
    const source = sliceSource(disk, partition.start, partition.size);
    volumes.push({ ...(await openVolume(source, await guard(detectVolume(source)), partition)), partition });
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

/** Why filesystems of kinds that are read could not be opened. */
export function listProblems({ volumes }: DiskLayout): readonly string[] {
  return volumes.flatMap(({ partition, problem }) => {
    if (problem === undefined) return [];
    return [`${partition === undefined ? 'the filesystem' : `partition ${partition.number}`}: ${problem}`];
  });
}

async function openVolume(source: BlockSource, kind: VolumeKind, partition?: Partition): Promise<Volume> {
  const open = OPENERS[kind];
  if (open === undefined) return { kind, isEmpty: await holdsNothing(source, kind, partition) };
  const cached = cacheSource(source);
  try {
    const filesystem = await guard(open(cached));
    return { kind, filesystem: guardFilesystem(filesystem), isEmpty: false };
  } catch (error) {
    return { kind, problem: gapReason(error), isEmpty: false };
  }
}

/** The kinds that are read. */
const OPENERS: Partial<Record<VolumeKind, (source: BlockSource) => Promise<Filesystem>>> = {
  ext4: openExt4,
  xfs: openXfs,
  vfat: openFat,
};

/** BIOS boot and PowerPC PReP: GRUB lies there as it is, without a filesystem. */
const BOOT_CODE_TYPES = new Set(['21686148-6449-6e6f-744e-656564454649', '9e1a2d38-c612-4316-aa26-8b49521e5a8b']);
/** The header of a swap area is a page; pages of memory follow. */
const SWAP_HEADER_BYTES = 4096;
/** A larger partition that was written with zeros counts as one that was not looked at. */
const MAX_BLANK_BYTES = 1024 ** 3;

async function holdsNothing(source: BlockSource, kind: VolumeKind, partition?: Partition): Promise<boolean> {
  if (kind === 'unknown' && BOOT_CODE_TYPES.has(partition?.typeGuid ?? '')) return true;
  if (kind !== 'unknown' && kind !== 'swap') return false;
  const start = kind === 'swap' ? SWAP_HEADER_BYTES : 0;
  return (await guard(isBlank(source, { start, maxBytes: MAX_BLANK_BYTES }))) === true;
}
