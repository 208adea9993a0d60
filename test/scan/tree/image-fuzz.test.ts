// Whatever bytes an image holds: indexing and reading it end soon, and nothing but coded errors comes out.

import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { BuildimgError } from '../../../src/errors.js';
import { assertInside, type BlockSource } from '../../../src/scan/tree/image/block-source.js';
import { guard } from '../../../src/scan/tree/image/guard-filesystem.js';
import { openBlockTree } from '../../../src/scan/tree/image/open-disk-image-tree.js';
import { openQcow2Source } from '../../../src/scan/tree/image/qcow2.js';
import { makeExtImage, makeFatImage, makeTempFolder, makeXfsImage, run } from '../../support/scan-fixtures.js';

const LIMIT_MS = 5000;
const work = makeTempFolder();
const ext4 = join(work, 'ext4.img');
const ext3 = join(work, 'ext3.img');
const xfs = join(work, 'xfs.img');
const fat = join(work, 'fat.img');
const qcow2 = join(work, 'image.qcow2');

beforeAll(() => {
  const folder = join(work, 'folder');
  mkdirSync(join(folder, 'etc/deep/er'), { recursive: true });
  writeFileSync(join(folder, 'etc/passwd'), 'root:x:0:0\n');
  writeFileSync(join(folder, 'etc/large'), Buffer.alloc(200_000, 'abc'));
  symlinkSync('/etc/passwd', join(folder, 'etc/link'));
  symlinkSync('x'.repeat(200), join(folder, 'etc/long-link'));
  for (let at = 0; at < 60; at += 1) writeFileSync(join(folder, 'etc/deep', `name-that-fills-blocks-${at}`), `${at}`);
  makeExtImage(ext4, folder, {
    megabytes: 2,
    options: ['-t', 'ext4', '-b', '1024', '-O', 'inline_data,^has_journal', '-I', '256'],
  });
  makeExtImage(ext3, folder, { megabytes: 2, options: ['-t', 'ext2', '-b', '1024'] });
  makeXfsImage(xfs, folder);
  const plain = join(work, 'plain');
  mkdirSync(join(plain, 'etc/deep'), { recursive: true });
  for (const name of ['passwd', 'deep/a long name of a file'])
    writeFileSync(join(plain, 'etc', name), 'b'.repeat(3000));
  makeFatImage(fat, plain, { megabytes: 1, bits: 12 });
  run('qemu-img', 'convert', '-c', '-O', 'qcow2', ext4, qcow2);
});
afterAll(() => rmSync(work, { recursive: true }));

/** An image in memory with some bytes changed; only the start of a large one is kept, the rest reads as zeros. */
function sourceOf(bytes: Buffer, size: number, changes: readonly (readonly [number, number])[]): BlockSource {
  const changed = Buffer.from(bytes);
  for (const [at, value] of changes) changed[at] = value;
  return {
    size,
    async read(offset, length) {
      assertInside({ size }, offset, length);
      const part = changed.subarray(Math.min(offset, changed.length), Math.min(offset + length, changed.length));
      return part.length === length ? part : Buffer.concat([part], length);
    },
    close: async () => undefined,
  };
}

async function scanAll(disk: BlockSource): Promise<void> {
  const signal = AbortSignal.timeout(LIMIT_MS);
  const tree = await openBlockTree({ target: 'fuzzed', disk }, { signal, limits: { maxEntries: 5000 } });
  for (const entry of tree.entries()) {
    if (entry.type === 'file') await tree.read(entry, 65_536).catch(assertCoded);
    tree.resolve(entry.path);
    signal.throwIfAborted();
  }
}

function assertCoded(error: unknown): void {
  if (!(error instanceof BuildimgError)) throw error;
}

/** Bytes that are not zero are where the metadata is; changing others hardly ever matters. */
function placesOf(bytes: Buffer): number[] {
  const places: number[] = [];
  for (let at = 0; at < bytes.length; at += 1) if (bytes[at] !== 0 && bytes[at] !== 0x61) places.push(at);
  return places;
}

async function expectSurvival(
  bytes: Buffer,
  size: number,
  open: (source: BlockSource) => Promise<BlockSource>,
): Promise<void> {
  const places = placesOf(bytes);
  const place = fc.integer({ min: 0, max: places.length - 1 }).map((at) => places[at] ?? 0);
  const change = fc.tuple(
    fc.oneof(
      place,
      place.map((at) => Math.min(at + 1, bytes.length - 1)),
    ),
    fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xff, 0xfe),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 40 }), async (changes) => {
      const started = performance.now();
      try {
        await scanAll(await open(sourceOf(bytes, size, changes)));
      } catch (error) {
        assertCoded(error);
      }
      expect(performance.now() - started).toBeLessThan(LIMIT_MS);
    }),
    { numRuns: 300 },
  );
}

const asItIs = async (source: BlockSource) => source;

describe('openBlockTree on damaged images', () => {
  it('survives changed bytes in ext4', async () => {
    const bytes = readFileSync(ext4);

    await expectSurvival(bytes, bytes.length, asItIs);
  }, 300_000);

  it('survives changed bytes in ext2 with block maps', async () => {
    const bytes = readFileSync(ext3);

    await expectSurvival(bytes, bytes.length, asItIs);
  }, 300_000);

  it('survives changed bytes in XFS', async () => {
    const whole = readFileSync(xfs);

    await expectSurvival(whole.subarray(0, 512 * 1024), whole.length, asItIs);
  }, 300_000);

  it('survives changed bytes in FAT', async () => {
    const bytes = readFileSync(fat);

    await expectSurvival(bytes, bytes.length, asItIs);
  }, 300_000);

  it('survives changed bytes in compressed qcow2', async () => {
    const bytes = readFileSync(qcow2);

    await expectSurvival(bytes, bytes.length, (source) => guard(openQcow2Source(source)));
  }, 300_000);
});
