// Files that are given as disks: real ones of the tools that make them, and by hand where there is no tool here.
import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { assertDisk } from '../../../src/build/register/assert-disk.js';
import { openFileSource } from '../../../src/scan/tree/image/block-source.js';
import { describeWay, findDiskFormat } from '../../../src/scan/tree/image/disk-formats.js';
import { openDiskImage } from '../../../src/scan/tree/image/open-disk-image.js';
import { parseTarget } from '../../../src/scan/tree/parse-target.js';
import { makeBlankFile, makeTempFolder, run } from '../../support/scan-fixtures.js';

const work = makeTempFolder();
const disk = join(work, 'gpt.raw');
beforeAll(() => {
  makeBlankFile(disk, 16 * 1024 * 1024);
  run('sh', '-c', `printf 'label: gpt\nstart=1MiB,size=8MiB\n' | sfdisk -q '${disk}'`);
});
afterAll(() => rmSync(work, { recursive: true }));

const convert =
  (format: string, ...options: string[]) =>
  (file: string) =>
    run('qemu-img', 'convert', '-f', 'raw', '-O', format, ...options, disk, file);
const write = (content: Buffer | string) => (file: string) => writeFileSync(file, content);
const shell = (command: string) => (file: string) => run('sh', '-ec', command, 'sh', file, disk, work);

const FILES: readonly (readonly [what: string, way: string | undefined, make: (file: string) => unknown])[] = [
  ['a VMDK (sparse or stream-optimized)', 'qemu-img convert -f vmdk', convert('vmdk')],
  [
    'a VMDK (sparse or stream-optimized)',
    'qemu-img convert -f vmdk',
    convert('vmdk', '-o', 'subformat=streamOptimized'),
  ],
  [
    'the descriptor of a VMDK, whose content is in other files',
    'qemu-img convert -f vmdk',
    convert('vmdk', '-o', 'subformat=monolithicFlat'),
  ],
  ['a VHD (dynamic)', 'qemu-img convert -f vpc', convert('vpc')],
  ['a VHD (fixed)', 'qemu-img convert -f vpc', convert('vpc', '-o', 'subformat=fixed')],
  ['a VHDX', 'qemu-img convert -f vhdx', convert('vhdx')],
  ['a VDI of VirtualBox', 'qemu-img convert -f vdi', convert('vdi')],
  ['a QED image', 'qemu-img convert -f qed', convert('qed')],
  ['a disk of Parallels', 'qemu-img convert -f parallels', convert('parallels')],
  ['a qcow image of version 1', 'qemu-img convert -f qcow ', convert('qcow')],
  ['a tar archive', 'tar -xf', shell('tar -cf "$1" -C "$3" gpt.raw')],
  ['an OVA, a tar archive', 'tar -xf', shell('cd "$3" && echo "<Envelope/>" >web.ovf && tar -cf "$1" web.ovf gpt.raw')],
  ['a gzip file', 'gunzip', write(gzipSync(Buffer.alloc(9)))],
  ['an xz file', 'unxz', shell('xz -c "$2" >"$1"')],
  ['a bzip2 file', 'bunzip2', shell('head -c 4096 "$2" | bzip2 -c >"$1"')],
  ['a zstd file', 'unzstd', write(Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x24, 0]), Buffer.alloc(9)]))],
  ['an ISO image, a medium to install from', 'install the system', isoOf],
  ['a squashfs filesystem', 'unsquashfs', write(Buffer.concat([Buffer.from('hsqs'), Buffer.alloc(5000)]))],
  ['a program (ELF)', undefined, shell('cp /bin/sh "$1"')],
  ['a text file', undefined, write('# How to use this\n'.repeat(60))],
  ['a text file', undefined, write('<!DOCTYPE html><title>404 – nicht gefunden</title>')],
  ['an empty file', undefined, write('')],
];

/** A hybrid ISO: it has a partition table, too. */
function isoOf(file: string): void {
  run('cp', disk, file);
  const descriptor = Buffer.alloc(16 * 1024 * 1024);
  descriptor.write('CD001', 0x8001);
  writeFileSync(file, Buffer.concat([descriptor.subarray(0, 0x8001 + 5), Buffer.alloc(4096)]));
}

async function formatOf(file: string) {
  const source = await openFileSource(file);
  const format = await findDiskFormat(source);
  await source.close();
  return format;
}

function wayOf(path: string): string | undefined {
  return describeWay({ name: 'other', what: 'a gzip file', way: 'gunzip FILE' }, path);
}

describe('findDiskFormat', () => {
  it.each(FILES)('knows %s, and the way to a disk', async (what, way, make) => {
    const file = join(work, 'given');
    rmSync(file, { force: true });
    make(file);

    const format = await formatOf(file);

    expect(format?.what).toBe(what);
    const said = format && describeWay(format, file);
    expect(said).toEqual(way === undefined ? undefined : expect.stringContaining(way));
    await expect(openDiskImage(file)).rejects.toMatchObject({
      code: 'SCAN_NOT_AN_IMAGE',
      message: expect.stringContaining(what),
      hint: expect.stringContaining(way ?? 'A disk image is'),
    });
    if (what !== 'an empty file')
      await expect(parseTarget(file)).rejects.toMatchObject({ message: expect.stringContaining(what) });
  });

  it('leaves a raw disk, and what it does not know, to who looks for partitions', async () => {
    const noise = join(work, 'noise');
    writeFileSync(noise, brotliCompressSync(Buffer.from('x'.repeat(100))));

    expect(await formatOf(disk)).toBeUndefined();
    expect(await formatOf(noise)).toBeUndefined();
  });

  it('quotes the name of a file for a shell', () => {
    expect(wayOf('/a/disk-1.gz')).toBe('gunzip /a/disk-1.gz');
    expect(wayOf("a $(b)'.gz")).toBe("gunzip 'a $(b)'\\''.gz'");
    expect(wayOf('-f.gz')).toBe("gunzip '-f.gz'");
  });
});

async function assertFile(file: string) {
  const source = await openDiskImage(file);
  try {
    return await assertDisk(file, source);
  } finally {
    await source.close();
  }
}

describe('assertDisk', () => {
  it('takes a GPT, an MBR, and either inside of a qcow2', async () => {
    const mbr = join(work, 'mbr.raw');
    makeBlankFile(mbr, 4 * 1024 * 1024);
    run('sh', '-c', `echo 'start=1MiB,type=83' | sfdisk -q '${mbr}'`);
    const qcow2 = join(work, 'gpt.qcow2');
    convert('qcow2')(qcow2);

    expect(await Promise.all([disk, mbr, qcow2].map(assertFile))).toEqual([[], [], []]);
  });

  it.each<[string, (file: string) => unknown]>([
    ['no partition table', (file) => makeBlankFile(file, 1024 * 1024)],
    ['does not fit on the disk', shell('cp "$2" "$1" && truncate -s 512K "$1"')],
    [
      'only the copy in the last sector',
      shell('cp "$2" "$1" && dd if=/dev/zero of="$1" bs=512 seek=1 count=1 conv=notrunc status=none'),
    ],
    ['no boot sector', shell('cp "$2" "$1" && dd if=/dev/zero of="$1" bs=512 count=1 conv=notrunc status=none')],
    [
      'sectors of 4096 bytes',
      shell(
        'truncate -s 16M "$1"; cp "$2" "$1"; dd if="$2" of="$1" bs=512 skip=1 seek=8 count=1 conv=notrunc status=none; dd if=/dev/zero of="$1" bs=512 seek=1 count=7 conv=notrunc status=none; dd if="$2" of="$1" bs=512 skip=2 seek=16 count=32 conv=notrunc status=none; truncate -s 80M "$1"',
      ),
    ],
    ['one volume (LVM)', write(Buffer.concat([Buffer.alloc(512), Buffer.from('LABELONE'), Buffer.alloc(4096)]))],
  ])('refuses a disk with: %s', async (problem, make) => {
    const file = join(work, 'refused');
    rmSync(file, { force: true });
    make(file);

    await expect(assertFile(file)).rejects.toMatchObject({
      code: 'DISK_WITHOUT_PARTITION',
      message: expect.stringContaining(problem),
    });
  });

  it('refuses a container that somebody put into a qcow2', async () => {
    const vmdk = join(work, 'inner.vmdk');
    convert('vmdk')(vmdk);
    truncateSync(vmdk, 1024 * 1024);
    const file = join(work, 'outer.qcow2');
    run('qemu-img', 'convert', '-f', 'raw', '-O', 'qcow2', vmdk, file);

    await expect(assertFile(file)).rejects.toMatchObject({ message: expect.stringContaining('a VMDK') });
  });

  it('warns of a partition that does not fit beside one that does', async () => {
    const file = join(work, 'cut.raw');
    makeBlankFile(file, 8 * 1024 * 1024);
    run('sh', '-c', `printf 'start=1MiB,size=2MiB,type=83\nstart=3MiB,size=5MiB,type=83\n' | sfdisk -q '${file}'`);
    truncateSync(file, 4 * 1024 * 1024);

    expect(await assertFile(file)).toEqual([expect.stringContaining('partition 2 does not fit')]);
  });

  it('warns of a filesystem without a partition table', async () => {
    const file = join(work, 'bare.raw');
    makeBlankFile(file, 2 * 1024 * 1024);
    run('mke2fs', '-q', '-F', file);

    expect(await assertFile(file)).toEqual([expect.stringContaining('without a partition table')]);
  });
});
