import {
  chmodSync,
  closeSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { BuildimgError } from '../../../src/errors.js';
import type { FileTree } from '../../../src/scan/tree/file-tree.js';
import { openTarTree } from '../../../src/scan/tree/tar/open-tar-tree.js';
import { listFolder, listTree, makeSystemFolder, makeTempFolder, noSignal, run } from '../../support/scan-fixtures.js';

const work = makeTempFolder();
const system = join(work, 'system');

beforeAll(() => {
  mkdirSync(system);
  makeSystemFolder(system);
  linkSync(join(system, 'etc/passwd'), join(system, 'usr/passwd-twin'));
  mkdirSync(join(system, `srv/${'long-folder-name/'.repeat(12)}`), { recursive: true });
  writeFileSync(join(system, `srv/${'long-folder-name/'.repeat(12)}file`), 'far down');
  writeFileSync(join(system, 'ünï\ncode'), 'name');
  run('mkfifo', join(system, 'fifo'));
});
afterAll(() => rmSync(work, { recursive: true }));

function makeTar(name: string, ...options: string[]): Buffer {
  const path = join(work, name);
  run('tar', ...options, '-cf', path, '-C', system, '.');
  return readFileSync(path);
}

/** In uneven pieces, as a pipe delivers them. */
async function* inPieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0, piece = 1; at < bytes.length; at += piece, piece = ((piece * 7) % 65_521) + 1)
    yield bytes.subarray(at, at + piece);
}

function openBytes(bytes: Buffer): Promise<FileTree> {
  return openTarTree({ target: 'test', stream: inPieces(bytes) }, { signal: noSignal() });
}

describe('openTarTree', () => {
  it.each([
    ['PAX', ['--format=pax', '--xattrs']],
    ['GNU', ['--format=gnu']],
    ['PAX with holes', ['--format=pax', '--sparse']],
  ])('reads a %s stream as the folder that it was made of', async (name, options) => {
    const tree = await openBytes(makeTar(`${name}.tar`, ...options));

    expect(await listTree(tree)).toEqual(listFolder(system));
    expect(tree.gaps).toEqual([]);
    await tree.close();
  });

  it('reads the start of a sparse file of a terabyte', async () => {
    const folder = join(work, 'sparse');
    mkdirSync(folder);
    const file = openSync(join(folder, 'huge'), 'w');
    writeSync(file, 'start', 0);
    writeSync(file, 'later', 8_000_000);
    ftruncateSync(file, 1024 ** 4);
    closeSync(file);
    run('tar', '--format=pax', '--sparse', '-cf', join(work, 'huge.tar'), '-C', folder, '.');

    const tree = await openBytes(readFileSync(join(work, 'huge.tar')));
    const entry = tree.find('/huge');
    const content = entry === undefined ? Buffer.alloc(0) : await tree.read(entry, 8_000_010);

    expect(entry?.size).toBe(1024 ** 4);
    expect(content.equals(readStart(join(folder, 'huge'), 8_000_010))).toBe(true);
    await tree.close();
  });

  it('does not take the file after one of holes alone for holes', async () => {
    const folder = join(work, 'holes');
    mkdirSync(folder);
    closeSync(openSync(join(folder, 'a'), 'w'));
    run('truncate', '-s', '1M', join(folder, 'a'));
    writeFileSync(join(folder, 'b'), 'content');
    linkSync(join(folder, 'a'), join(folder, 'c'));
    run('tar', '--format=pax', '--sparse', '-cf', join(work, 'holes.tar'), '-C', folder, 'a', 'b', 'c');

    const tree = await openBytes(readFileSync(join(work, 'holes.tar')));

    expect(await listTree(tree, { times: false })).toMatchObject({
      '/b': listFolder(folder, { times: false })['/b'],
      '/c': listFolder(folder, { times: false })['/c'],
    });
    await tree.close();
  });

  it('keeps the bytes of a capability and of a name that is not text', async () => {
    const folder = join(work, 'raw');
    mkdirSync(folder);
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x62, 0xfe])]), 'x');
    writeFileSync(join(folder, 'ping'), '');
    chmodSync(join(folder, 'ping'), 0o755);
    run('setcap', 'cap_net_raw,cap_chown+ep', join(folder, 'ping'));
    const expected = run(
      'getfattr',
      '-e',
      'hex',
      '--only-values',
      '-n',
      'security.capability',
      '--absolute-names',
      join(folder, 'ping'),
    );
    run('tar', '--xattrs', '--xattrs-include=security.capability', '-cf', join(work, 'raw.tar'), '-C', folder, '.');

    const tree = await openBytes(readFileSync(join(work, 'raw.tar')));

    expect([...tree.entries()].map(({ path }) => path)).toEqual(['/', '/b\\xfe', '/ping']);
    const value = tree.find('/ping')?.attributes?.get('security.capability') ?? new Uint8Array();
    expect(Buffer.from(value).toString('latin1').slice(0, 4)).toBe('\x01\0\0\x02');
    expect(value).toHaveLength(20);
    expect(expected.length).toBeGreaterThan(0);
    await tree.close();
  });

  it('places nothing outside of the root', async () => {
    run(
      'tar',
      '-P',
      '--transform=s,^system/etc/passwd,../../evil,',
      '-cf',
      join(work, 'evil.tar'),
      '-C',
      work,
      'system/etc/passwd',
      'system/etc/tiny',
    );

    const tree = await openBytes(readFileSync(join(work, 'evil.tar')));

    expect([...tree.entries()].map(({ path }) => path)).toEqual(['/', '/system', '/system/etc', '/system/etc/tiny']);
    expect(tree.gaps).toEqual([{ path: '/', reason: expect.stringContaining('../../evil') }]);
    await tree.close();
  });

  it('refuses a stream that was cut off', async () => {
    const bytes = makeTar('cut.tar', '--format=pax');

    for (const share of [0, 0.1, 0.5, 0.9]) {
      const opening = openBytes(bytes.subarray(0, Math.floor(bytes.length * share)));
      await expect(opening).rejects.toMatchObject({ code: 'SCAN_STREAM_DAMAGED' });
    }
  });

  it('stops at the limit of bytes and of entries', async () => {
    const bytes = makeTar('limits.tar');
    const source = { target: 'test', stream: inPieces(bytes) };

    const tooLong = openTarTree(source, { signal: noSignal(), limits: { maxSpooledBytes: 100_000 } });
    await expect(tooLong).rejects.toMatchObject({ code: 'SCAN_STREAM_DAMAGED', message: /longer than 100000/ });
    const tree = await openTarTree(
      { ...source, stream: inPieces(bytes) },
      { signal: noSignal(), limits: { maxEntries: 10, maxSpooledFileBytes: 3 } },
    );
    expect([...tree.entries()]).toHaveLength(10);
    for (const entry of tree.entries()) expect((await tree.read(entry, 100)).length).toBeLessThanOrEqual(3);
    await tree.close();
  });

  it('survives changed bytes', async () => {
    const small = join(work, 'small.tar');
    run('tar', '--format=pax', '--sparse', '-cf', small, '-C', system, './etc', './usr/passwd-twin');
    const bytes = readFileSync(small);
    const change = fc.tuple(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 0, max: 255 }));

    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 20 }), async (changes) => {
        const changed = Buffer.from(bytes);
        for (const [at, value] of changes) changed[at] = value;
        try {
          const tree = await openBytes(changed);
          for (const entry of tree.entries()) await tree.read(entry, 1000);
          await tree.close();
        } catch (error) {
          if (!(error instanceof BuildimgError)) throw error;
        }
      }),
      { numRuns: 200 },
    );
  });
});

function readStart(path: string, length: number): Buffer {
  return Buffer.from(run('sh', '-c', `head -c ${length} '${path}' | base64 -w0`), 'base64');
}
