// Looks at a foreign disk image before anything else of QEMU does. An image may name other files of this host (a backing
// file, an external data file, a descriptor with extents), which a later convert would read and hand to a guest.

import { open } from 'node:fs/promises';
import { createError } from '../../errors.js';
import { openFileSource } from '../../scan/tree/image/block-source.js';
import { describeWay, findDiskFormat } from '../../scan/tree/image/disk-formats.js';
import { runTool } from '../machine/run-tool.js';

export interface DiskFacts {
  readonly format: DiskFormat;
  readonly virtualSizeBytes: number;
}

export type DiskFormat = 'raw' | 'qcow2' | 'vmdk' | 'vpc' | 'vhdx';

interface DiskInformation {
  readonly 'virtual-size': number;
  readonly 'backing-filename'?: string;
  readonly 'full-backing-filename'?: string;
  readonly 'format-specific'?: { readonly data?: Readonly<Record<string, unknown>> };
}

const TIMEOUT_MS = 60_000;
const SECTOR_SIZE = 512;
/** A raw image must at least look like a disk: the last two bytes of its first sector are the boot signature. */
const BOOT_SIGNATURE = 0xaa55;

/** Error: SANDBOX_IMAGE_FORMAT, with the reason. `source` is the name to use in it. */
export async function inspectDisk(file: string, source: string, signal?: AbortSignal): Promise<DiskFacts> {
  const format = await sniffFormat(file, source);
  if (format === 'qcow2') await assertPlainQcow2(file, source);
  const text = await runTool({
    program: 'qemu-img',
    arguments: ['info', '--output=json', '-f', format, file],
    timeoutMs: TIMEOUT_MS,
    signal,
  }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw createError('SANDBOX_IMAGE_FORMAT', [source, `qemu-img cannot read it as ${format}`], { cause });
  });
  const information = JSON.parse(text) as DiskInformation;
  if (information['backing-filename'] ?? information['full-backing-filename']) {
    throw createError('SANDBOX_IMAGE_FORMAT', [source, 'it needs a backing file']);
  }
  return { format, virtualSizeBytes: information['virtual-size'] };
}

// By the bytes, not by qemu-img's own guess: that one follows references while it looks.
async function sniffFormat(file: string, source: string): Promise<DiskFormat> {
  const disk = await openFileSource(file);
  try {
    const format = await findDiskFormat(disk);
    const refuse = (reason: string, way?: string) => createError('SANDBOX_IMAGE_FORMAT', [source, reason, way]);
    if (format === undefined) {
      const hasBootSector = disk.size >= SECTOR_SIZE && (await disk.read(510, 2)).readUInt16LE(0) === BOOT_SIGNATURE;
      if (hasBootSector) return 'raw';
      throw refuse('it has neither a known header nor a partition table');
    }
    // The descriptor of a VMDK names other files, and so may the one inside of a sparse file that claims to have no
    // capacity of its own (block/vmdk.c, vmdk_open_vmdk4).
    const hasOwnContent = format.name !== 'vmdk' || (await disk.read(12, 8)).readBigUInt64LE(0) !== 0n;
    const name = READ_BY_QEMU.find((each) => each === format.name);
    if (name !== undefined && hasOwnContent) return name;
    throw refuse(
      hasOwnContent ? `it is ${format.what}` : 'it is a VMDK whose content is in other files',
      describeWay(format, source),
    );
  } finally {
    await disk.close();
  }
}

const READ_BY_QEMU = ['qcow2', 'vmdk', 'vpc', 'vhdx'] as const;

// docs/interop/qcow2.txt: backing file offset at byte 8; incompatible feature bit 2 is "external data file". Read here
// because `qemu-img info` itself opens both.
async function assertPlainQcow2(file: string, source: string): Promise<void> {
  const handle = await open(file);
  try {
    const header = await readAt(handle, 0, 104);
    if (header.length < 72) throw createError('SANDBOX_IMAGE_FORMAT', [source, 'its qcow2 header is cut off']);
    if (header.readBigUInt64BE(8) !== 0n)
      throw createError('SANDBOX_IMAGE_FORMAT', [source, 'it needs a backing file']);
    const hasFeatures = header.readUInt32BE(4) >= 3 && header.length >= 80;
    if (hasFeatures && (header.readBigUInt64BE(72) & 4n) !== 0n) {
      throw createError('SANDBOX_IMAGE_FORMAT', [source, 'its data is in an external file']);
    }
  } finally {
    await handle.close();
  }
}

async function readAt(handle: Awaited<ReturnType<typeof open>>, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
