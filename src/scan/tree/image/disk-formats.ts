// What files are that hold a disk without being one, or that somebody took for a disk. One table for everybody who is
// given a file: `scan`, `register` and the sandbox's import. Containers are looked for before partition tables, since
// many of them end with the backup GPT of the disk inside.

import { type BuildimgError, createError } from '../../../errors.js';
import type { BlockSource } from './block-source.js';

export type DiskFormatName = 'qcow2' | 'vmdk' | 'vmdk-descriptor' | 'vpc' | 'vhdx' | 'other';

export interface DiskFormat {
  /** For formats that somebody here can read; `other` for the rest. */
  readonly name: DiskFormatName;
  /** With its article: `a VMDK (sparse)`. */
  readonly what: string;
  /** What to do to get a disk; FILE stands for the file. Undefined where there is no way. */
  readonly way?: string;
}

interface FormatRow extends DiskFormat {
  readonly marks: readonly Mark[];
}

/** Latin-1 text at a byte of the file; from its end when negative. */
type Mark = readonly [at: number, text: string];

const convert = (format: string) => `qemu-img convert -f ${format} -O raw FILE disk.raw`;

// Sources: QEMU's block/*.c and docs/interop, and file(1)'s magic of filesystems, archives and compressors.
const FORMATS: readonly FormatRow[] = [
  { name: 'other', what: 'a qcow image of version 1', marks: [[0, 'QFI\xfb\0\0\0\x01']], way: convert('qcow') },
  { name: 'qcow2', what: 'a qcow2 image', marks: [[0, 'QFI\xfb']], way: convert('qcow2') },
  { name: 'vmdk', what: 'a VMDK (sparse or stream-optimized)', marks: [[0, 'KDMV']], way: convert('vmdk') },
  { name: 'other', what: 'a VMDK (sparse, of ESX)', marks: [[0, 'COWD']], way: convert('vmdk') },
  {
    name: 'vmdk-descriptor',
    what: 'the descriptor of a VMDK, whose content is in other files',
    marks: [[0, '# Disk DescriptorFile']],
    way: `${convert('vmdk')}, with those files beside it`,
  },
  // A dynamic VHD begins with a copy of its footer. A fixed one is a raw disk and the footer, which old tools write
  // with one byte less.
  { name: 'vpc', what: 'a VHD (dynamic)', marks: [[0, 'conectix']], way: convert('vpc') },
  {
    name: 'vpc',
    what: 'a VHD (fixed)',
    marks: [
      [-512, 'conectix'],
      [-511, 'conectix'],
    ],
    way: convert('vpc'),
  },
  { name: 'vhdx', what: 'a VHDX', marks: [[0, 'vhdxfile']], way: convert('vhdx') },
  { name: 'other', what: 'a VDI of VirtualBox', marks: [[0x40, '\x7f\x10\xda\xbe']], way: convert('vdi') },
  { name: 'other', what: 'a QED image', marks: [[0, 'QED\0']], way: convert('qed') },
  {
    name: 'other',
    what: 'a disk of Parallels',
    marks: [
      [0, 'WithoutFreeSpace'],
      [0, 'WithouFreSpacExt'],
    ],
    way: convert('parallels'),
  },
  { name: 'other', what: 'a disk of Bochs', marks: [[0, 'Bochs Virtual HD Image']], way: convert('bochs') },
  { name: 'other', what: 'an Apple disk image', marks: [[-512, 'koly']], way: convert('dmg') },
  { name: 'other', what: 'a sparse image of Android', marks: [[0, '\x3a\xff\x26\xed']], way: 'simg2img FILE disk.raw' },
  { name: 'other', what: 'a tar archive', marks: [[257, 'ustar']], way: 'tar -xf FILE' },
  { name: 'other', what: 'a gzip file', marks: [[0, '\x1f\x8b']], way: 'gunzip FILE' },
  { name: 'other', what: 'an xz file', marks: [[0, '\xfd7zXZ\0']], way: 'unxz FILE' },
  { name: 'other', what: 'a zstd file', marks: [[0, '\x28\xb5\x2f\xfd']], way: 'unzstd FILE' },
  { name: 'other', what: 'a bzip2 file', marks: [[0, 'BZh']], way: 'bunzip2 FILE' },
  { name: 'other', what: 'an lz4 file', marks: [[0, '\x04\x22\x4d\x18']], way: 'unlz4 FILE' },
  { name: 'other', what: 'a lzip file', marks: [[0, 'LZIP']], way: 'lzip -d FILE' },
  {
    name: 'other',
    what: 'a zip archive',
    marks: [
      [0, 'PK\x03\x04'],
      [0, 'PK\x05\x06'],
    ],
    way: 'unzip FILE',
  },
  { name: 'other', what: 'a 7z archive', marks: [[0, '7z\xbc\xaf\x27\x1c']], way: '7z x FILE' },
  { name: 'other', what: 'a Windows image (WIM)', marks: [[0, 'MSWIM\0\0\0']] },
  { name: 'other', what: 'a forensic image (EWF)', marks: [[0, 'EVF\x09\x0d\x0a\xff\0']], way: 'ewfexport FILE' },
  {
    name: 'other',
    what: 'an ISO image, a medium to install from',
    marks: [
      [0x8001, 'CD001'],
      [0x8001, 'BEA01'],
    ],
    way: 'install the system from it onto a disk, and use that disk',
  },
  {
    name: 'other',
    what: 'a squashfs filesystem',
    marks: [
      [0, 'hsqs'],
      [0, 'sqsh'],
    ],
    way: 'unsquashfs FILE',
  },
  {
    name: 'other',
    what: 'a cpio archive',
    marks: [
      [0, '070701'],
      [0, '070702'],
      [0, '070707'],
    ],
    way: 'cpio -idm <FILE',
  },
  { name: 'other', what: 'a program (ELF)', marks: [[0, '\x7fELF']] },
  { name: 'other', what: 'a PDF document', marks: [[0, '%PDF-']] },
];

const TEXT: DiskFormat = { name: 'other', what: 'a text file' };
const EMPTY: DiskFormat = { name: 'other', what: 'an empty file' };
const HEAD_BYTES = 0x8001 + 5;
const TAIL_BYTES = 512;
/** A disk of text would have no boot sector. */
const TEXT_BYTES = 4096;

/** The format of a file by its own marks; undefined for what may be a raw disk. */
export async function findDiskFormat(file: BlockSource): Promise<DiskFormat | undefined> {
  if (file.size === 0) return EMPTY;
  const head = await file.read(0, Math.min(HEAD_BYTES, file.size));
  const tail = await file.read(Math.max(file.size - TAIL_BYTES, 0), Math.min(TAIL_BYTES, file.size));
  const isAt = ([at, text]: Mark) =>
    (at >= 0 ? head.subarray(at) : tail.subarray(Math.max(tail.length + at, 0))).toString('latin1', 0, text.length) ===
    text;
  const row = FORMATS.find(({ marks }) => marks.some(isAt));
  if (row !== undefined) return row.what === 'a tar archive' ? describeTar(head, row) : row;
  return isText(head.subarray(0, TEXT_BYTES)) ? TEXT : undefined;
}

/** SCAN_NOT_AN_IMAGE for a file of a format that is none of a disk, with the way to one. */
export function createNotADiskError(path: string, format: DiskFormat): BuildimgError {
  return createError('SCAN_NOT_AN_IMAGE', [path, `it is ${format.what}`, describeWay(format, path)]);
}

/** The way to a disk as a command with the name of the file. */
export function describeWay({ way }: DiskFormat, path: string): string | undefined {
  return way?.replace('FILE', /^[\w./+:@%][\w./+:@%-]*$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`);
}

/** An OVA is a tar whose first member describes the machine. */
function describeTar(head: Buffer, row: FormatRow): DiskFormat {
  const isOva = /^[^\0]{1,90}\.ovf\0/i.test(head.toString('latin1', 0, 100));
  if (!isOva) return row;
  return {
    name: 'other',
    what: 'an OVA, a tar archive',
    way: 'tar -xf FILE, then qemu-img convert -f vmdk -O raw on the .vmdk in it',
  };
}

/** UTF-8 of what people write, without control characters. */
function isText(bytes: Buffer): boolean {
  // The last character may be cut in two.
  const text = bytes.toString('utf8').replace(/\ufffd{1,3}$/, '');
  return text !== '' && !/[\0-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]/.test(text); // oxlint-disable-line no-control-regex
}
