// Where things lie on a sandbox disk: GPT, a BIOS boot partition for grub's core image, and the root partition.

const SECTOR_SIZE = 512;
const SECTORS_PER_GIB = (1024 * 1024 * 1024) / SECTOR_SIZE;
/** GPT keeps a second copy of its table in the last 33 sectors; rounded up to a mebibyte. */
const TAIL_SECTORS = 2048;

export interface DiskLayout {
  readonly sizeBytes: number;
  readonly bootSector: number;
  readonly bootSectors: number;
  readonly rootOffsetBytes: number;
  readonly rootSizeKib: number;
  /** Lower-case GUID by which the kernel finds its root without an initrd. */
  readonly rootPartitionId: string;
  readonly rootFilesystemId: string;
  /** Input of sfdisk. Partition numbers as on Debian's official images: 1 root, 14 BIOS boot. */
  readonly partitionScript: string;
}

/** Lays out a disk of whole GiB. `key` is hex, at least 32 digits: the same key gives the same identifiers. */
export function layOutDisk(virtualSizeGib: number, key: string): DiskLayout {
  const sectors = virtualSizeGib * SECTORS_PER_GIB;
  const rootStart = 40_960;
  const rootSectors = sectors - rootStart - TAIL_SECTORS;
  const rootPartitionId = toUuid(key, 1);
  return {
    sizeBytes: sectors * SECTOR_SIZE,
    bootSector: 2_048,
    bootSectors: 6_144,
    rootOffsetBytes: rootStart * SECTOR_SIZE,
    rootSizeKib: (rootSectors * SECTOR_SIZE) / 1024,
    rootPartitionId,
    rootFilesystemId: toUuid(key, 2),
    partitionScript: [
      'label: gpt',
      `label-id: ${toUuid(key, 3)}`,
      `1 : start=${rootStart}, size=${rootSectors}, type=L, uuid=${rootPartitionId}`,
      '14 : start=2048, size=6144, type=21686148-6449-6E6F-744E-656564454649',
      '',
    ].join('\n'),
  };
}

/** A version 4 shaped UUID out of a digest; `salt` keeps those of one disk apart. */
function toUuid(key: string, salt: number): string {
  const digits = key.slice(salt, salt + 30);
  const all = `${digits.slice(0, 12)}4${digits.slice(12, 15)}8${digits.slice(15, 30)}`;
  return [all.slice(0, 8), all.slice(8, 12), all.slice(12, 16), all.slice(16, 20), all.slice(20, 32)].join('-');
}
