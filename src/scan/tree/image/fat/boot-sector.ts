import type { BlockSource } from '../block-source.js';
import { damaged } from '../bytes.js';

/** Where things lie on a FAT filesystem, in bytes of its volume. */
export interface FatLayout {
  readonly bits: 12 | 16 | 32;
  readonly tableOffset: number;
  readonly tableBytes: number;
  readonly clusterBytes: number;
  /** Cluster 2, the first one that there is, starts here. */
  readonly dataOffset: number;
  /** How many clusters there are; their numbers start with 2. */
  readonly clusters: number;
  /** FAT12 and FAT16: the root directory has a place of its own. FAT32: it is a chain of clusters. */
  readonly root: { readonly offset: number; readonly bytes: number } | { readonly cluster: number };
  /** `xxxx-xxxx`, as fstab names it by UUID=, in lower case. */
  readonly serial: string;
  readonly label: string;
  /** Linux and Windows mark a filesystem while it is mounted for writing. */
  readonly isInUse: boolean;
}

const MOST_CLUSTERS_OF_FAT12 = 4084;
const DIRECTORY_RECORD_BYTES = 32;

/**
 * Reads the boot sector. Which of the three FATs it is follows Linux, fs/fat/inode.c: FAT32 has no size of the table in its old
 * place, FAT12 has few clusters. Errors: SCAN_IMAGE_DAMAGED.
 */
export async function readFatLayout(source: BlockSource): Promise<FatLayout> {
  const sector = await source.read(0, 512);
  const sectorBytes = sector.readUInt16LE(11);
  const clusterSectors = sector.readUInt8(13);
  if (![512, 1024, 2048, 4096].includes(sectorBytes)) throw damaged(`its FAT has sectors of ${sectorBytes} bytes`);
  if (clusterSectors === 0 || (clusterSectors & (clusterSectors - 1)) !== 0) {
    throw damaged(`its FAT has clusters of ${clusterSectors} sectors`);
  }
  const isFat32 = sector.readUInt16LE(22) === 0;
  const tableSectors = isFat32 ? sector.readUInt32LE(36) : sector.readUInt16LE(22);
  const tableStart = sector.readUInt16LE(14);
  const rootStart = tableStart + sector.readUInt8(16) * tableSectors;
  const rootBytes = sector.readUInt16LE(17) * DIRECTORY_RECORD_BYTES;
  const dataStart = rootStart + Math.ceil(rootBytes / sectorBytes);
  const sectors = sector.readUInt16LE(19) || sector.readUInt32LE(32);
  const clusters = Math.floor((sectors - dataStart) / clusterSectors);
  if (clusters < 1 || sectors * sectorBytes > source.size) throw damaged('its FAT is larger than its volume');
  const fewBits = clusters > MOST_CLUSTERS_OF_FAT12 ? 16 : 12;
  const extra = isFat32 ? 64 : 36;
  return {
    bits: isFat32 ? 32 : fewBits,
    tableOffset: tableStart * sectorBytes,
    tableBytes: tableSectors * sectorBytes,
    clusterBytes: clusterSectors * sectorBytes,
    dataOffset: dataStart * sectorBytes,
    clusters,
    root: isFat32 ? { cluster: sector.readUInt32LE(44) } : { offset: rootStart * sectorBytes, bytes: rootBytes },
    serial: formatSerial(sector.readUInt32LE(extra + 3)),
    label: sector.toString('latin1', extra + 7, extra + 18).trimEnd(),
    isInUse: (sector.readUInt8(extra + 1) & 1) === 1,
  };
}

function formatSerial(serial: number): string {
  const digits = serial.toString(16).padStart(8, '0');
  return `${digits.slice(0, 4)}-${digits.slice(4)}`;
}
