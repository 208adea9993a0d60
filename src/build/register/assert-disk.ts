// Which files can become the root volume of an instance.

import { createError } from '../../errors.js';
import type { BlockSource } from '../../scan/tree/image/block-source.js';
import { detectVolume, type VolumeKind } from '../../scan/tree/image/detect-content.js';
import { createNotADiskError, findDiskFormat } from '../../scan/tree/image/disk-formats.js';
import { guard } from '../../scan/tree/image/guard-filesystem.js';
import { findPartitionTable } from '../../scan/tree/image/partitions.js';

/** Filesystems that have room for a boot loader before them; a disk that is one as a whole may boot. */
const BARE: ReadonlySet<VolumeKind> = new Set(['ext4', 'xfs', 'btrfs', 'vfat']);
const SECTOR_BYTES = 512;
const BOOT_MARK = 0xaa55;

/**
 * Refuses what EC2 could not boot, whatever its name: firmware looks for an MBR or a GPT in the first sectors, and for a
 * partition. A filesystem without a partition table is let through with a warning, since its first sector may hold a
 * boot loader. Gives the warnings.
 * Errors: SCAN_NOT_AN_IMAGE, DISK_WITHOUT_PARTITION, SCAN_IMAGE_DAMAGED.
 */
export async function assertDisk(path: string, disk: BlockSource): Promise<readonly string[]> {
  const format = await guard(findDiskFormat(disk));
  if (format !== undefined) throw createNotADiskError(path, format);
  const bare = await guard(detectVolume(disk));
  if (BARE.has(bare)) {
    return [
      `${path} is a filesystem (${bare}) without a partition table. EC2 boots it only if its first sector holds a boot loader`,
    ];
  }
  const refuse = (problem: string) => createError('DISK_WITHOUT_PARTITION', [path, problem]);
  if (bare !== 'unknown') throw refuse(`it is one volume (${bare}) without a partition table`);
  const table = await guard(findPartitionTable(disk));
  if (table === undefined) throw refuse('it has no partition table');
  if (table.partitions.length === 0) throw refuse(table.problems.join(', ') || 'its partition table is empty');
  if (table.sectorBytes !== SECTOR_BYTES) {
    throw refuse(
      `its GPT is for sectors of ${table.sectorBytes} bytes, and volumes of EC2 have sectors of ${SECTOR_BYTES}`,
    );
  }
  if (table.isBackup) throw refuse('its first GPT is damaged; only the copy in the last sector can be read');
  if ((await disk.read(0, SECTOR_BYTES)).readUInt16LE(SECTOR_BYTES - 2) !== BOOT_MARK) {
    throw refuse('its first sector is no boot sector');
  }
  return table.problems.map((problem) => `${path}: ${problem}`);
}
