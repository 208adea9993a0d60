import {
  chmodSync,
  closeSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FileEntry } from '../../../src/scan/tree/file-tree.js';
import { openFolderTree } from '../../../src/scan/tree/folder/open-folder-tree.js';
import { listFolder, listTree, makeSystemFolder, makeTempFolder, noSignal, run } from '../../support/scan-fixtures.js';

let work: string;
let root: string;

beforeEach(() => {
  work = makeTempFolder();
  root = join(work, 'root');
  mkdirSync(join(root, 'etc'), { recursive: true });
});
afterEach(() => {
  // rm of coreutils: Node's own recursion does not reach the bottom of the deepest tree.
  run('rm', '-rf', work);
});

const open = () => openFolderTree(root, { signal: noSignal() });

function present(entry: FileEntry | undefined): FileEntry {
  if (entry === undefined) throw new Error('there is no such entry');
  return entry;
}

describe('openFolderTree', () => {
  it('sees what Node sees, in path order', async () => {
    makeSystemFolder(root);

    const tree = await open();

    expect(await listTree(tree)).toEqual(listFolder(root));
    const paths = [...tree.entries()].map(({ path }) => path.split('/').filter(Boolean));
    const sorted = [...paths].sort((a, b) => comparePaths(a, b));
    expect(paths).toEqual(sorted);
  });

  it('follows links inside of the folder and never out of it', async () => {
    writeFileSync(join(work, 'secret'), 'outside');
    writeFileSync(join(root, 'etc/inside'), 'inside');
    symlinkSync('/etc/inside', join(root, 'absolute'));
    symlinkSync('../../../../../etc/inside', join(root, 'etc/climbing'));
    symlinkSync(join(work, 'secret'), join(root, 'escape'));
    symlinkSync('../secret', join(root, 'relative-escape'));
    symlinkSync('loop-b', join(root, 'loop-a'));
    symlinkSync('loop-a', join(root, 'loop-b'));
    symlinkSync('.', join(root, 'self'));
    symlinkSync('/', join(root, 'etc/rootlink'));

    const tree = await open();

    expect(tree.resolve('/absolute')?.path).toBe('/etc/inside');
    expect(tree.resolve('/etc/climbing')?.path).toBe('/etc/inside');
    expect(tree.resolve('/self/self/etc/rootlink/etc/inside')?.path).toBe('/etc/inside');
    for (const path of ['/escape', '/relative-escape', '/loop-a', '/nothing'])
      expect(tree.resolve(path)).toBeUndefined();
    expect(tree.find('/loop-a')).toMatchObject({ type: 'symlink', linkTarget: 'loop-b' });
    expect(tree.list('/etc/rootlink').map(({ path }) => path)).toContain('/etc');
    expect(tree.list('/etc/inside')).toEqual([]);
    expect(tree.list('/loop-a')).toEqual([]);
  });

  it('does not read through a link or a FIFO that took the place of a file', async () => {
    writeFileSync(join(work, 'secret'), 'outside');
    for (const name of ['linked', 'fifo', 'moved', 'rewritten']) writeFileSync(join(root, name), 'before');
    mkdirSync(join(root, 'folder'));
    writeFileSync(join(root, 'folder/secret'), 'inside');
    const tree = await open();
    unlinkSync(join(root, 'linked'));
    symlinkSync(join(work, 'secret'), join(root, 'linked'));
    unlinkSync(join(root, 'fifo'));
    run('mkfifo', join(root, 'fifo'));
    unlinkSync(join(root, 'moved'));
    renameSync(join(root, 'folder'), join(root, 'folder-old'));
    symlinkSync(work, join(root, 'folder'));
    writeFileSync(join(root, 'new'), 'after');
    renameSync(join(root, 'new'), join(root, 'rewritten'));

    for (const path of ['/linked', '/fifo', '/moved', '/folder/secret']) {
      await expect(tree.read(present(tree.find(path)), 100)).rejects.toMatchObject({ code: 'SCAN_READ_FAILED' });
    }
    expect((await tree.read(present(tree.find('/rewritten')), 100)).toString()).toBe('after');
  });

  it('names FIFOs, sockets and devices without opening them', async () => {
    run('mkfifo', join(root, 'fifo'));

    const tree = await open();

    expect(present(tree.find('/fifo')).type).toBe('fifo');
    expect(await tree.read(present(tree.find('/fifo')), 10)).toHaveLength(0);
  });

  it('keeps names that are not text, and tells names apart that look alike', async () => {
    const raw = Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x61, 0xff])]);
    writeFileSync(raw, 'bytes');
    writeFileSync(join(root, 'a\\xff'), 'typed');
    writeFileSync(join(root, 'new\nline'), 'newline');
    writeFileSync(join(root, 'ünï'), 'utf-8');

    const tree = await open();

    const contents = new Map<string, string>();
    for (const entry of tree.entries())
      if (entry.type === 'file') contents.set(entry.path, (await tree.read(entry, 99)).toString());
    expect(contents).toEqual(
      new Map([
        ['/a\\x5cxff', 'typed'],
        ['/a\\xff', 'bytes'],
        ['/new\nline', 'newline'],
        ['/ünï', 'utf-8'],
      ]),
    );
  });

  it('reads only the start of a sparse file of a terabyte', async () => {
    const file = openSync(join(root, 'huge'), 'w');
    ftruncateSync(file, 1024 ** 4);
    closeSync(file);

    const tree = await open();
    const start = await tree.read(present(tree.find('/huge')), 1000);

    expect(present(tree.find('/huge')).size).toBe(1024 ** 4);
    expect(start).toEqual(Buffer.alloc(1000));
  });

  it('goes ten thousand levels deep until the path is too long, and says where it stopped', async () => {
    run(
      'python3',
      '-c',
      `import os; os.chdir(${JSON.stringify(root)})\nfor _ in range(10000): os.mkdir("d"); os.chdir("d")`,
    );

    const tree = await open();

    expect([...tree.entries()].length).toBeGreaterThan(1500);
    expect(tree.gaps).toEqual([
      { path: expect.stringMatching(/^\/d\/d/), reason: expect.stringMatching(/too long|longer/) },
    ]);
  });

  it('stops at a limit of entries with a gap', async () => {
    for (let at = 0; at < 50; at += 1) writeFileSync(join(root, `file-${at}`), '');

    const tree = await openFolderTree(root, { signal: noSignal(), limits: { maxEntries: 20 } });

    expect([...tree.entries()]).toHaveLength(20);
    expect(tree.gaps).toEqual([{ path: '/', reason: expect.stringContaining('more than 20 entries') }]);
  });

  it('finds the capabilities of programs', async () => {
    const program = join(root, 'ping');
    writeFileSync(program, '', { mode: 0o755 });
    linkSync(program, join(root, 'ping6'));
    chmodSync(program, 0o755);
    run('setcap', 'cap_net_raw+ep', program);

    const tree = await open();

    for (const path of ['/ping', '/ping6']) {
      expect(present(tree.find(path)).attributes?.get('security.capability')).toHaveLength(20);
    }
  });

  it('refuses a missing folder and a file', async () => {
    writeFileSync(join(root, 'file'), '');

    await expect(openFolderTree(join(root, 'no'), { signal: noSignal() })).rejects.toMatchObject({
      code: 'SCAN_TARGET_MISSING',
    });
    await expect(openFolderTree(join(root, 'file'), { signal: noSignal() })).rejects.toMatchObject({
      code: 'SCAN_TARGET_UNREADABLE',
    });
    rmSync(join(root, 'file'));
  });
});

function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const [left = '', right = ''] = [a[at], b[at]];
    if (left !== right) return left < right ? -1 : 1;
  }
  return a.length - b.length;
}
