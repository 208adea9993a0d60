import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { pack } from 'tar-stream';
import { openCollectedTree } from '../../../src/scan/tree/tar/open-collected-tree.js';
import { noSignal } from '../../support/scan-fixtures.js';

const ROOT = 'd 755 0 0 4096 1700000000.5 /\0\0';

function open(listing: string | undefined, files: Readonly<Record<string, string>> = {}) {
  const stream = pack();
  if (listing !== undefined) stream.entry({ name: '.buildimg-listing' }, Buffer.from(listing, 'latin1'));
  for (const [name, text] of Object.entries(files)) stream.entry({ name }, text);
  stream.finalize();
  return openCollectedTree({ target: 'instance', stream: Readable.from(stream) }, { signal: noSignal() });
}

describe('openCollectedTree', () => {
  it('takes entries from the list and contents from the other members', async () => {
    const tree = await open(
      `${ROOT}d 755 0 0 4096 1 /etc\0\0f 640 0 42 5 1700000000.9 /etc/shadow\0\0l 777 0 0 6 1 /etc/alias\0shadow\0`,
      { '/etc/shadow': 'root:' },
    );

    const shadow = tree.resolve('/etc/alias');

    expect(shadow).toMatchObject({ path: '/etc/shadow', mode: 0o640, gid: 42, size: 5, modifiedAt: 1_700_000_000 });
    expect(shadow && (await tree.read(shadow, 100)).toString()).toBe('root:');
    expect(tree.gaps).toEqual([]);
  });

  it('says that a content was left out, instead of showing an empty file', async () => {
    const tree = await open(`${ROOT}f 755 0 0 9 1 /program\0\0`);
    const entry = tree.find('/program');

    const reading = entry && tree.read(entry, 9);

    await expect(reading).rejects.toMatchObject({ code: 'SCAN_NOT_COLLECTED' });
  });

  it('takes what a mounted volume says of its mount point, which is listed twice', async () => {
    const tree = await open(`${ROOT}d 755 0 0 1 1 /var\0\0d 700 0 0 1 1 /var\0\0`);

    expect(tree.list('/').map(({ path, mode }) => [path, mode])).toEqual([['/var', 0o700]]);
  });

  it('shows bytes that are not UTF-8', async () => {
    const tree = await open(`${ROOT}f 644 0 0 0 1 /caf\xe9\0\0f 644 0 0 0 1 /caf\xc3\xa9\0\0`);

    expect(tree.list('/').map(({ path }) => path)).toEqual(['/caf\\xe9', '/café']);
  });

  it.each([
    ['an entry whose folder is not listed', 'f 644 0 0 0 1 /nowhere/file\0\0'],
    ['a path that climbs', 'd 755 0 0 0 1 /a/../../etc\0\0'],
    ['a relative path', 'f 644 0 0 0 1 etc/passwd\0\0'],
    ['what is no entry', 'anything\0\0'],
    ['a type that there is not', 'x 644 0 0 0 1 /x\0\0'],
  ])('counts %s as a gap', async (_what, record) => {
    const tree = await open(ROOT + record);

    expect(tree.list('/')).toEqual([]);
    expect(tree.gaps).toEqual([{ path: '/', reason: expect.stringContaining('has no place') }]);
  });

  it('leaves out a record that was cut off', async () => {
    const tree = await open(`${ROOT}f 644 0 0 0 1 /whole\0\0f 644 0 0 0 1 /ha`);

    expect(tree.list('/').map(({ path }) => path)).toEqual(['/whole']);
  });

  it('refuses an archive without a list', async () => {
    await expect(open(undefined, { 'etc/passwd': '' })).rejects.toMatchObject({ code: 'SCAN_STREAM_DAMAGED' });
  });
});
