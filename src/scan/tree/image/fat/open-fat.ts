// Reads FAT12, FAT16 and FAT32 without mounting: the EFI system partition of most images is one.
import type { BlockSource } from '../block-source.js';
import { damaged } from '../bytes.js';
import {
  createDirectoryBudget,
  type DirectoryRecord,
  type Filesystem,
  type Inode,
  MAX_READ_BYTES,
} from '../filesystem.js';
import { type FatLayout, readFatLayout } from './boot-sector.js';
import { createChainReader } from './chain.js';
import { type FatRecord, findVolumeLabel, parseFatDirectory, RECORD_BYTES } from './directory.js';

/** FAT has no inodes. The number of an entry is counted up as directories are read; the root comes first. */
const ROOT_NUMBER = 0;
/** What the kernel gives to files and folders of a filesystem that keeps neither modes nor owners. */
const MODE = 0o755;
/** FAT32 keeps the directory's size nowhere: it ends where its chain does. Linux reads no more than this. */
const MAX_FAT_DIRECTORY_BYTES = 65_536 * RECORD_BYTES;

/** Errors: SCAN_IMAGE_DAMAGED. */
export async function openFat(source: BlockSource): Promise<Filesystem> {
  const layout = await readFatLayout(source);
  const chains = createChainReader(source, layout);
  const spend = createDirectoryBudget(source);
  const records: FatRecord[] = [rootRecord(layout)];
  const children = new Map<number, readonly DirectoryRecord[]>();

  async function readDirectoryBytes(number: number): Promise<Buffer> {
    if (number === ROOT_NUMBER && 'offset' in layout.root)
      return await source.read(layout.root.offset, layout.root.bytes);
    const bytes = await chains.read(recordOf(number).cluster, MAX_FAT_DIRECTORY_BYTES);
    spend(bytes.length);
    return bytes;
  }

  function recordOf(number: number): FatRecord {
    const record = records[number];
    if (record === undefined) throw damaged(`it has no entry ${number}`);
    return record;
  }

  async function readDirectory({ number }: Inode): Promise<readonly DirectoryRecord[]> {
    const known = children.get(number);
    if (known !== undefined) return known;
    const found = parseFatDirectory(await readDirectoryBytes(number)).map((record) => {
      records.push(record);
      return { rawName: record.rawName, inode: records.length - 1 };
    });
    children.set(number, found);
    return found;
  }

  const label = findVolumeLabel(await readDirectoryBytes(ROOT_NUMBER)) ?? layout.label;
  return {
    kind: 'vfat',
    uuid: layout.serial,
    label: label === 'NO NAME' ? '' : label,
    notes: layout.isInUse ? ['this FAT filesystem was in use when it was captured'] : [],
    rootInode: ROOT_NUMBER,
    readInode: async (number) => toInode(number, recordOf(number)),
    readDirectory,
    readLink: async ({ number }) => {
      throw damaged(`entry ${number} is no symbolic link: FAT has none`);
    },
    async readContent({ number, size }, maxBytes) {
      const length = Math.min(size, maxBytes, MAX_READ_BYTES);
      const content = await chains.read(recordOf(number).cluster, length);
      if (content.length < length) throw damaged(`a file of ${size} bytes ends after ${content.length}`);
      return content;
    },
    readAttributes: async () => undefined,
  };
}

function rootRecord({ root }: FatLayout): FatRecord {
  const cluster = 'cluster' in root ? root.cluster : 0;
  return { rawName: '', isDirectory: true, cluster, size: 0, modifiedAt: 0 };
}

function toInode(number: number, { isDirectory, size, modifiedAt }: FatRecord): Inode {
  const type = isDirectory ? 'directory' : 'file';
  return { number, type, mode: MODE, uid: 0, gid: 0, size, modifiedAt, raw: Buffer.alloc(0) };
}
