import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FileTree } from '../../../src/scan/tree/file-tree.js';
import { openDiskImageTree } from '../../../src/scan/tree/image/open-disk-image-tree.js';
import {
  listFolder,
  listTree,
  makeBlankFile,
  makeExtImage,
  makePartitionedDisk,
  makeSystemFolder,
  makeTempFolder,
  noSignal,
  run,
} from '../../support/scan-fixtures.js';

const work = makeTempFolder();
const system = join(work, 'system');
const root = join(work, 'root.img');
const boot = join(work, 'boot.img');
const BOOT_UUID = '11111111-2222-3333-4444-555555555555';

beforeAll(() => {
  mkdirSync(system);
  makeSystemFolder(system);
  writeFileSync(
    join(system, 'etc/fstab'),
    `LABEL=buildimg-root / ext4 defaults 0 1\nUUID=${BOOT_UUID} /boot ext4 defaults 0 2\nPARTLABEL=efi /boot/efi vfat defaults 0 2\nUUID=99999999-0000-0000-0000-000000000000 /srv ext4 defaults 0 2\n`,
  );
  makeExtImage(root, system, { megabytes: 24, options: ['-t', 'ext4', '-L', 'buildimg-root'] });
  const bootFolder = join(work, 'boot');
  for (const name of ['grub', 'efi']) mkdirSync(join(bootFolder, name), { recursive: true });
  writeFileSync(join(bootFolder, 'grub/grub.cfg'), 'set timeout=0\n');
  makeExtImage(boot, bootFolder, { megabytes: 8, options: ['-t', 'ext4', '-U', BOOT_UUID] });
});
afterAll(() => rmSync(work, { recursive: true }));

async function withTree<T>(image: string, use: (tree: FileTree) => Promise<T> | T): Promise<T> {
  const tree = await openDiskImageTree(image, { signal: noSignal() });
  try {
    return await use(tree);
  } finally {
    await tree.close();
  }
}

/** A swap area with something in its first page of memory. */
function swapArea(page: Buffer): Buffer {
  const header = Buffer.alloc(4096);
  header.write('SWAPSPACE2', 4086);
  return Buffer.concat([header, page]);
}

function makeGptDisk(path: string): void {
  const efi = join(work, 'efi.img');
  makeBlankFile(efi, 4 * 1024 * 1024);
  run('mkfs.vfat', '-F', '12', efi);
  const loader = join(work, 'loader');
  writeFileSync(loader, 'loader');
  run('mmd', '-i', efi, '::EFI', '::EFI/BOOT');
  run('mcopy', '-i', efi, loader, '::EFI/BOOT/BOOTX64.EFI');
  const script =
    'label: gpt\nstart=1MiB,size=4MiB,type=U,name=efi\nstart=6MiB,size=8MiB,name=boot\nstart=16MiB,size=24MiB,name=root\n';
  const parts = [
    { image: efi, atMegabyte: 1 },
    { image: boot, atMegabyte: 6 },
    { image: root, atMegabyte: 16 },
  ];
  makePartitionedDisk(path, { megabytes: 42, script, parts });
}

describe('openDiskImageTree', () => {
  it('puts the partitions of a GPT disk together as fstab says, and tells what it leaves out', async () => {
    const disk = join(work, 'gpt.img');
    makeGptDisk(disk);

    const seen = await withTree(disk, async (tree) => ({
      grub: tree.find('/boot/grub/grub.cfg'),
      loader: tree.find('/boot/efi/EFI/BOOT/BOOTX64.EFI'),
      passwd: await tree.read(tree.find('/etc/passwd') ?? never(), 100),
      gaps: tree.gaps,
    }));

    expect(seen.grub?.size).toBe(14);
    expect(seen.loader).toMatchObject({ type: 'file', size: 6, uid: 0 });
    expect(seen.passwd.toString()).toMatch(/^root:/);
    expect(seen.gaps).toEqual([{ path: '/srv', reason: expect.stringContaining('is not on this disk') }]);
  });

  it.each<[string, string, Buffer, string | undefined]>([
    ['of a kind that is not known', 'L', Buffer.from('nobody knows'), 'partition 2 (unknown) is not mounted'],
    ['with LVM', 'V', Buffer.concat([Buffer.alloc(512), Buffer.from('LABELONE')]), 'partition 2 (LVM) is not mounted'],
    ['with swap that was used', 'S', swapArea(Buffer.from('a password')), 'partition 2 (swap) holds pages of memory'],
    ['with swap that was never used', 'S', swapArea(Buffer.alloc(16)), undefined],
    ['of zeros', 'L', Buffer.alloc(16), undefined],
    ['with the code of GRUB', '21686148-6449-6E6F-744E-656564454649', Buffer.from('GRUB \0'), undefined],
  ])('tells of a second partition %s whether it hides something', async (_what, type, content, reason) => {
    const disk = join(work, 'second.img');
    const second = join(work, 'second.part');
    writeFileSync(second, content);
    makePartitionedDisk(disk, {
      megabytes: 32,
      script: `label: gpt\nstart=1MiB,size=24MiB\nstart=26MiB,size=2MiB,type=${type}\n`,
      parts: [
        { image: root, atMegabyte: 1 },
        { image: second, atMegabyte: 26 },
      ],
    });

    const gaps = await withTree(disk, (tree) => tree.gaps);

    const ofSecond = gaps.filter((gap) => gap.path === '/');
    expect(ofSecond).toEqual(
      reason === undefined ? [] : [{ path: '/', reason: expect.stringContaining(reason), kind: 'volume' }],
    );
  });

  it('tells of a volume whose mount point the image does not have', async () => {
    const disk = join(work, 'no-mount-point.img');
    const own = join(work, 'own.img');
    copyFileSync(root, own);
    run('debugfs', '-w', '-R', 'rmdir /boot', own);
    makePartitionedDisk(disk, {
      megabytes: 42,
      script: 'label: gpt\nstart=1MiB,size=24MiB\nstart=26MiB,size=8MiB\n',
      parts: [
        { image: own, atMegabyte: 1 },
        { image: boot, atMegabyte: 26 },
      ],
    });

    const gaps = await withTree(disk, (tree) => tree.gaps);

    expect(gaps).toContainEqual({ path: '/boot', reason: expect.stringContaining('no such folder'), kind: 'volume' });
  });

  it('finds the backup GPT when the first one is destroyed', async () => {
    const disk = join(work, 'backup-gpt.img');
    makeGptDisk(disk);
    overwrite(disk, 512, Buffer.alloc(512));

    const passwd = await withTree(disk, (tree) => tree.find('/etc/passwd'));

    expect(passwd?.type).toBe('file');
  });

  it('reads logical partitions of an MBR disk', async () => {
    const disk = join(work, 'mbr.img');
    const script =
      'label: dos\nstart=1MiB,size=8MiB,type=83\nstart=10MiB,size=30MiB,type=5\nstart=12MiB,size=24MiB,type=83\n';
    const parts = [
      { image: boot, atMegabyte: 1 },
      { image: root, atMegabyte: 12 },
    ];
    makePartitionedDisk(disk, { megabytes: 42, script, parts });

    const listing = await withTree(disk, (tree) => listTree(tree));

    const { '/boot': _own, ...others } = listFolder(system);
    expect(listing).toMatchObject(others);
    expect(listing['/boot/grub/grub.cfg']).toBeDefined();
  });

  it('leaves a ring of logical partitions', async () => {
    const disk = join(work, 'ring.img');
    makeBlankFile(disk, 8 * 1024 * 1024);
    const mark = Buffer.from([0x55, 0xaa]);
    const link = mbrEntry(0x05, 2048, 8192);
    overwrite(disk, 446, link);
    overwrite(disk, 510, mark);
    overwrite(disk, 2048 * 512 + 462, mbrEntry(0x05, 0, 8192));
    overwrite(disk, 2048 * 512 + 510, mark);

    await expect(withTree(disk, () => undefined)).rejects.toMatchObject({ code: 'SCAN_NOT_AN_IMAGE' });
  });

  it.each([
    ['plain', []],
    ['compressed', ['-c']],
    ['version 2', ['-o', 'compat=0.10']],
    ['small clusters', ['-o', 'cluster_size=512']],
  ])('reads a %s qcow2 image as the raw one', async (name, options) => {
    const image = join(work, `${name}.qcow2`);
    run('qemu-img', 'convert', '-O', 'qcow2', ...options, root, image);

    const listing = await withTree(image, (tree) => listTree(tree));

    expect(listing).toEqual(await withTree(root, (tree) => listTree(tree)));
  });

  it('refuses a qcow2 image that would lead to another file', async () => {
    const image = join(work, 'overlay.qcow2');
    run('qemu-img', 'create', '-q', '-f', 'qcow2', '-b', root, '-F', 'raw', image);

    const opening = withTree(image, () => undefined);

    await expect(opening).rejects.toMatchObject({ code: 'SCAN_IMAGE_UNSUPPORTED', message: /backing file/ });
  });

  it('reads zstd clusters where Node can, and says how to convert where it cannot', async () => {
    const image = join(work, 'zstd.qcow2');
    run('qemu-img', 'convert', '-c', '-O', 'qcow2', '-o', 'compression_type=zstd', root, image);
    const { zstdDecompressSync } = (await import('node:zlib')) as { zstdDecompressSync?: unknown };

    const outcome = await withTree(image, (tree) => tree.find('/etc/passwd')?.type).catch((error: unknown) => error);

    if (zstdDecompressSync === undefined)
      expect(outcome).toMatchObject({ code: 'SCAN_IMAGE_UNSUPPORTED', hint: /qemu-img convert/ });
    else expect(outcome).toBe('file');
  });

  it('reads what a truncated image still has, and reports the rest', async () => {
    const image = join(work, 'truncated.img');
    copyFileSync(root, image);
    truncateSync(image, Math.floor(statSync(image).size * 0.4));

    const outcome = await withTree(image, async (tree) => {
      const failures: unknown[] = [];
      for (const entry of tree.entries()) {
        if (entry.type === 'file') await tree.read(entry, 1 << 22).catch((error: unknown) => failures.push(error));
      }
      return { gaps: tree.gaps.length, failures };
    });

    expect(outcome.gaps + outcome.failures.length).toBeGreaterThan(0);
    for (const failure of outcome.failures) expect(failure).toMatchObject({ code: 'SCAN_READ_FAILED' });
  });

  it('says what is there when no filesystem holds a system', async () => {
    await expect(withTree(boot, () => undefined)).rejects.toMatchObject({
      code: 'SCAN_ROOT_NOT_FOUND',
      message: /ext4/,
    });
  });

  it('says that a file of zeros, a missing file and a folder are no images', async () => {
    const zeros = join(work, 'zeros.img');
    makeBlankFile(zeros, 1024 * 1024);

    await expect(withTree(zeros, () => undefined)).rejects.toMatchObject({ code: 'SCAN_NOT_AN_IMAGE' });
    await expect(withTree(join(work, 'none'), () => undefined)).rejects.toMatchObject({ code: 'SCAN_TARGET_MISSING' });
    await expect(withTree(work, () => undefined)).rejects.toMatchObject({ code: 'SCAN_TARGET_UNREADABLE' });
  });

  it('stops when it is told to', async () => {
    const opening = openDiskImageTree(root, { signal: AbortSignal.abort(new Error('enough')) });

    await expect(opening).rejects.toThrow('enough');
  });
});

function never(): never {
  throw new Error('missing');
}

function overwrite(path: string, at: number, bytes: Buffer): void {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, at);
  closeSync(file);
}

function mbrEntry(type: number, start: number, sectors: number): Buffer {
  const entry = Buffer.alloc(16);
  entry.writeUInt8(type, 4);
  entry.writeUInt32LE(start, 8);
  entry.writeUInt32LE(sectors, 12);
  return entry;
}
