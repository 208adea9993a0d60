import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openDiskImageTree } from '../../../src/scan/tree/image/open-disk-image-tree.js';
import {
  listFolder,
  listTree,
  makeExtImage,
  makeSystemFolder,
  makeTempFolder,
  makeXfsImage,
  noSignal,
  run,
} from '../../support/scan-fixtures.js';

const work = makeTempFolder();
const system = join(work, 'system');

// mkfs.xfs 6.1 writes long links without their version 5 header, which the kernel refuses to read, as we do.
const systemForXfs = join(work, 'system-for-xfs');

beforeAll(() => {
  for (const folder of [system, systemForXfs]) mkdirSync(folder);
  makeSystemFolder(system);
  makeSystemFolder(systemForXfs, { hasLongLink: false });
});
afterAll(() => rmSync(work, { recursive: true }));

describe('the ext4 reader', () => {
  const variants: readonly (readonly [string, readonly string[]])[] = [
    ['ext4 as Debian makes it', ['-t', 'ext4']],
    ['ext4 with 1 KiB blocks', ['-t', 'ext4', '-b', '1024']],
    ['ext4 with inline data and large inodes', ['-t', 'ext4', '-I', '512', '-O', 'inline_data']],
    [
      'ext4 with scattered group descriptors',
      ['-t', 'ext4', '-b', '1024', '-O', 'meta_bg,^resize_inode', '-g', '1024'],
    ],
    ['ext4 with backups in two groups only', ['-t', 'ext4', '-O', 'sparse_super2,meta_bg,^resize_inode']],
    ['ext4 without 64bit, flex_bg and checksums', ['-t', 'ext4', '-O', '^64bit,^flex_bg,^metadata_csum']],
    ['ext4 with clusters of blocks', ['-t', 'ext4', '-O', 'bigalloc', '-N', '2000']],
    ['ext3 with 128-byte inodes', ['-t', 'ext3', '-b', '1024', '-I', '128']],
    ['ext2 without directory types', ['-t', 'ext2', '-O', '^filetype,^dir_index']],
  ];

  it.each(variants)('reads %s as the folder that it was made of', async (name, options) => {
    const image = join(work, `${name.replaceAll(/\W/g, '-')}.img`);
    makeExtImage(image, system, { options: [...options] });

    const tree = await openDiskImageTree(image, { signal: noSignal() });

    expect(await listTree(tree)).toEqual(listFolder(system));
    expect(tree.gaps).toEqual([]);
    await tree.close();
  });

  it('reads deep extent trees, holes and capabilities as debugfs does', async () => {
    const image = join(work, 'debugfs.img');
    makeExtImage(image, system, { options: ['-t', 'ext4', '-b', '1024'] });
    const holes = Array.from({ length: 250 }, (_, at) => `punch /usr/bin/large ${at * 4} ${at * 4}`);
    const capability = 'ea_set /usr/bin/large security.capability abcdefghijklmnopqrst';
    writeFileSync(join(work, 'commands'), [...holes, capability, ''].join('\n'));
    run('debugfs', '-w', '-f', join(work, 'commands'), image);
    run('debugfs', '-R', `dump /usr/bin/large ${join(work, 'dumped')}`, image);

    const tree = await openDiskImageTree(image, { signal: noSignal() });
    const entry = tree.find('/usr/bin/large');

    if (entry === undefined) throw new Error('missing');
    expect((await tree.read(entry, 1 << 24)).equals(readFileSync(join(work, 'dumped')))).toBe(true);
    expect(Buffer.from(entry.attributes?.get('security.capability') ?? []).toString()).toBe('abcdefghijklmnopqrst');
    expect(run('debugfs', '-R', 'ex /usr/bin/large', image)).toMatch(/ 0\/ 1 /);
    await tree.close();
  });

  it('says that a journal was not replayed', async () => {
    const image = join(work, 'recover.img');
    makeExtImage(image, system, { options: ['-t', 'ext4'] });
    run('debugfs', '-w', '-R', 'feature needs_recovery', image);

    const tree = await openDiskImageTree(image, { signal: noSignal() });

    expect(tree.gaps.map(({ reason }) => reason)).toEqual([expect.stringContaining('journal')]);
    await tree.close();
  });
});

describe('the XFS reader', () => {
  const variants: readonly (readonly [string, readonly string[]])[] = [
    ['XFS as Debian makes it', []],
    ['XFS with 1 KiB blocks and 8 KiB directory blocks', ['-b', 'size=1024', '-n', 'size=8192']],
    ['XFS version 4 with 256-byte inodes', ['-m', 'crc=0', '-i', 'size=256']],
    ['XFS without bigtime and reflinks', ['-m', 'bigtime=0,reflink=0']],
    ['XFS with large extent counters', ['-i', 'nrext64=1']],
  ];

  it.each(variants)('reads %s as the folder that it was made of', async (name, options) => {
    const image = join(work, `${name.replaceAll(/\W/g, '-')}.img`);
    const source = options.includes('crc=0') ? system : systemForXfs;
    makeXfsImage(image, source, { options: [...options] });

    const tree = await openDiskImageTree(image, { signal: noSignal() });

    // A prototype file carries neither times nor the sticky bit; the fixture has none of the latter.
    expect(await listTree(tree, { times: false })).toEqual(listFolder(source, { times: false }));
    expect(tree.gaps).toEqual([]);
    await tree.close();
  });

  it('finds a capability in the inode and in a block of its own', async () => {
    const image = join(work, 'attributes.img');
    makeXfsImage(image, systemForXfs);
    const rootInode = Number(/rootino = (\d+)/.exec(run('xfs_db', '-r', '-c', 'sb', '-c', 'p rootino', image))?.[1]);
    const inodes = ['tiny', 'passwd'].map((name) => inodeOf(image, rootInode, ['etc', name]));
    setAttribute(image, inodes[0] ?? 0, ['-s', '-v', '20', 'capability']);
    setAttribute(image, inodes[1] ?? 0, ['-u', '-v', '900', 'filler']);
    setAttribute(image, inodes[1] ?? 0, ['-s', '-v', '24', 'capability']);

    const tree = await openDiskImageTree(image, { signal: noSignal() });

    expect(tree.find('/etc/tiny')?.attributes?.get('security.capability')).toHaveLength(20);
    expect(tree.find('/etc/passwd')?.attributes?.get('security.capability')).toHaveLength(24);
    expect(tree.find('/etc/fstab')?.attributes).toBeUndefined();
    await tree.close();
  });
});

/** Inode number by path, as xfs_db sees it. */
function inodeOf(image: string, root: number, names: readonly string[]): number {
  let inode = root;
  for (const name of names) {
    const listing = run('xfs_db', '-r', '-c', `inode ${inode}`, '-c', 'ls', image);
    const line = listing.split('\n').find((each) => each.trim().split(/\s+/)[5] === name);
    inode = Number(line?.trim().split(/\s+/)[1]);
  }
  return inode;
}

function setAttribute(image: string, inode: number, args: readonly string[]): void {
  run('xfs_db', '-x', '-c', `inode ${inode}`, '-c', `attr_set ${args.join(' ')}`, image);
}
