import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openDiskImageTree } from '../../../src/scan/tree/image/open-disk-image-tree.js';
import { listFolder, listTree, makeFatImage, makeTempFolder, noSignal, run } from '../../support/scan-fixtures.js';

const work = makeTempFolder();
const folder = join(work, 'folder');

beforeAll(() => {
  mkdirSync(join(folder, 'etc'), { recursive: true });
  mkdirSync(join(folder, 'EFI/BOOT/a folder with a long name'), { recursive: true });
  mkdirSync(join(folder, 'empty'));
  writeFileSync(join(folder, 'etc/passwd'), 'root:x:0:0\n');
  writeFileSync(join(folder, 'EFI/BOOT/BOOTX64.EFI'), Buffer.alloc(300_000, 'loader'));
  writeFileSync(join(folder, 'EFI/BOOT/grub.cfg'), 'set timeout=0\n');
  writeFileSync(join(folder, 'EFI/BOOT/Schlüssel – 鍵.pem'), 'a name beyond ASCII\n');
  writeFileSync(join(folder, 'EFI/BOOT/nothing'), '');
  // More than a cluster of records, in folders and in names.
  for (let at = 0; at < 90; at += 1) {
    writeFileSync(join(folder, 'EFI/BOOT/a folder with a long name', `${'n'.repeat(at)} and ${at}.conf`), `${at}`);
  }
  run('chmod', '-R', '755', folder);
});
afterAll(() => rmSync(work, { recursive: true }));

async function openFat(image: string) {
  return await openDiskImageTree(image, { signal: noSignal() });
}

describe('the FAT reader', () => {
  it.each([
    ['FAT12', { megabytes: 4, bits: 12 as const }],
    ['FAT16', { megabytes: 32, bits: 16 as const }],
    ['FAT16 with large clusters', { megabytes: 200, bits: 16 as const, options: ['-s', '32'] }],
    ['FAT32', { megabytes: 40, bits: 32 as const, options: ['-s', '1'] }],
    ['FAT32 with sectors of 4096 bytes', { megabytes: 300, bits: 32 as const, options: ['-S', '4096', '-s', '1'] }],
  ])('reads %s as the folder that it was made of', async (name, options) => {
    const image = join(work, `${name.replaceAll(' ', '-')}.img`);
    makeFatImage(image, folder, options);

    const tree = await openFat(image);

    expect(await listTree(tree, { times: false })).toEqual(listFolder(folder, { times: false }));
    expect(tree.gaps).toEqual([]);
    await tree.close();
  });

  it('does not list what was deleted', async () => {
    const image = join(work, 'deleted.img');
    makeFatImage(image, folder, { megabytes: 4, bits: 12 });
    run('mdel', '-i', image, '::EFI/BOOT/grub.cfg');

    const tree = await openFat(image);

    expect(tree.find('/EFI/BOOT/grub.cfg')).toBeUndefined();
    expect(tree.find('/EFI/BOOT/BOOTX64.EFI')).toBeDefined();
    await tree.close();
  });

  it.each([
    ['FAT16', { megabytes: 32, bits: 16 as const, stateOffset: 37 }],
    ['FAT32', { megabytes: 40, bits: 32 as const, options: ['-s', '1'], stateOffset: 65 }],
  ])('says that a %s was in use', async (name, { stateOffset, ...options }) => {
    const image = join(work, `${name}-in-use.img`);
    makeFatImage(image, folder, options);
    const file = openSync(image, 'r+');
    writeSync(file, Buffer.from([1]), 0, 1, stateOffset);
    closeSync(file);

    const tree = await openFat(image);

    const reason = 'this FAT filesystem was in use when it was captured';
    expect(tree.gaps).toEqual([{ path: '/', reason, kind: 'volume' }]);
    await tree.close();
  });

  it('says that a chain of clusters ends before its file does', async () => {
    const image = join(work, 'short-chain.img');
    makeFatImage(image, folder, { megabytes: 32, bits: 16, options: ['-f', '1'] });
    const bytes = readFileSync(image);
    // The table starts behind the reserved sectors; the loader's second cluster becomes the end of its chain.
    const table = bytes.readUInt16LE(14) * bytes.readUInt16LE(11);
    const record = bytes.indexOf(Buffer.from('BOOTX64 EFI'));
    const first = bytes.readUInt16LE(record + 26);
    bytes.writeUInt16LE(0xffff, table + first * 2);
    writeFileSync(image, bytes);

    const tree = await openFat(image);
    const loader = tree.find('/EFI/BOOT/BOOTX64.EFI');

    expect(loader?.size).toBe(300_000);
    await expect(tree.read(loader as NonNullable<typeof loader>, 300_000)).rejects.toMatchObject({
      code: 'SCAN_READ_FAILED',
      message: expect.stringContaining('a file of 300000 bytes ends after'),
    });
    await tree.close();
  });
});
