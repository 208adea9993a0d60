// Looks at a foreign disk image before anything else of QEMU does. An image may name other files of this host (a backing
// file, an external data file, a descriptor with extents), which a later convert would read and hand to a guest.

import { open } from 'node:fs/promises';
import { createError } from '../../errors.js';
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
  const format = await sniffFormat(file);
  if (format === undefined)
    throw createError('SANDBOX_IMAGE_FORMAT', [source, 'it has neither a known header nor a partition table']);
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
async function sniffFormat(file: string): Promise<DiskFormat | undefined> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const head = await readAt(handle, 0, SECTOR_SIZE);
    const tail = await readAt(handle, Math.max(0, size - SECTOR_SIZE), SECTOR_SIZE);
    if (head.subarray(0, 4).equals(Buffer.from('QFI\xfb', 'latin1'))) return 'qcow2';
    // The sparse, single-file kind of VMDK only. A text descriptor ("# Disk DescriptorFile") names other files, and so may
    // the descriptor inside a sparse file that claims to have no capacity of its own (block/vmdk.c, vmdk_open_vmdk4).
    if (head.subarray(0, 4).toString('latin1') === 'KDMV') return head.readBigUInt64LE(12) === 0n ? undefined : 'vmdk';
    if (head.subarray(0, 8).toString('latin1') === 'vhdxfile') return 'vhdx';
    if ([head, tail].some((sector) => sector.subarray(0, 8).toString('latin1') === 'conectix')) return 'vpc';
    return head.length === SECTOR_SIZE && head.readUInt16LE(510) === BOOT_SIGNATURE ? 'raw' : undefined;
  } finally {
    await handle.close();
  }
}

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
