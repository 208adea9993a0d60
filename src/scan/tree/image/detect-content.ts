import type { BlockSource } from './block-source.js';
import { isExt4 } from './ext4/superblock.js';
import { isXfs } from './xfs/superblock.js';

export type VolumeKind = 'ext4' | 'xfs' | 'vfat' | 'btrfs' | 'LVM' | 'LUKS' | 'swap' | 'unknown';

/** What a partition holds, by its own marks. Errors: SCAN_IMAGE_DAMAGED. */
export async function detectVolume(source: BlockSource): Promise<VolumeKind> {
  if (await isXfs(source)) return 'xfs';
  if (await isExt4(source)) return 'ext4';
  for (const { kind, offset, mark } of MARKS) {
    if (offset + mark.length > source.size) continue;
    if ((await source.read(offset, mark.length)).toString('latin1') === mark) return kind;
  }
  return 'unknown';
}

const MARKS: readonly { readonly kind: VolumeKind; readonly offset: number; readonly mark: string }[] = [
  { kind: 'vfat', offset: 82, mark: 'FAT32   ' },
  { kind: 'vfat', offset: 54, mark: 'FAT16   ' },
  { kind: 'vfat', offset: 54, mark: 'FAT12   ' },
  { kind: 'btrfs', offset: 0x10040, mark: '_BHRfS_M' },
  { kind: 'LVM', offset: 512, mark: 'LABELONE' },
  { kind: 'LUKS', offset: 0, mark: 'LUKS\xba\xbe' },
  { kind: 'swap', offset: 4086, mark: 'SWAPSPACE2' },
];
