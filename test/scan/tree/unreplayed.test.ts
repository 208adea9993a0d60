// Filesystems whose log or journal holds what their directories do not have yet. xfs_logprint and dumpe2fs are asked for
// the same state.
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TreeGap } from '../../../src/scan/tree/file-tree.js';
import { openFileSource } from '../../../src/scan/tree/image/block-source.js';
import { openDiskImageTree } from '../../../src/scan/tree/image/open-disk-image-tree.js';
import { findXfsLogEnds } from '../../../src/scan/tree/image/xfs/log.js';
import { readXfsSuperblock } from '../../../src/scan/tree/image/xfs/superblock.js';
import {
  makeBlankFile,
  makeExtImage,
  makeSystemFolder,
  makeTempFolder,
  noSignal,
  run,
} from '../../support/scan-fixtures.js';

const work = makeTempFolder();
const system = join(work, 'system');
beforeAll(() => makeSystemFolder(system));
afterAll(() => rmSync(work, { recursive: true }));

/** An image that images/make-images.sh made, as a raw disk. */
function unpack(name: string): string {
  const packed = readFileSync(join(process.cwd(), 'test/scan/tree/images', `${name}.qcow2.gz`));
  const image = join(work, name);
  writeFileSync(`${image}.qcow2`, gunzipSync(packed));
  run('qemu-img', 'convert', '-O', 'raw', `${image}.qcow2`, image);
  return image;
}

async function gapsOf(image: string): Promise<readonly TreeGap[]> {
  const tree = await openDiskImageTree(image, { signal: noSignal() });
  await tree.close();
  return tree.gaps;
}

/** As xfs_logprint says it: `log tail: 2 head: 2 state: <CLEAN>`. */
async function describeLog(image: string): Promise<string> {
  const source = await openFileSource(image);
  const { head, tail } = await findXfsLogEnds(source, await readXfsSuperblock(source));
  await source.close();
  return `log tail: ${tail} head: ${head} state: ${head === tail ? '<CLEAN>' : '<DIRTY>'}`;
}

/** It goes on to decode the records, and fails there for those that a test wrote; the ends come first. */
function askXfsprogs(image: string): string {
  const { stdout } = spawnSync('xfs_logprint', ['-t', image], { encoding: 'utf8' });
  return /log tail: .*/.exec(stdout)?.[0] ?? '';
}

const XFS_GAP = { path: '/', reason: expect.stringContaining('XFS log holds changes'), kind: 'volume' };
const JOURNAL_GAP = { path: '/', reason: expect.stringContaining('ext4 journal holds changes'), kind: 'volume' };

describe('an XFS log', () => {
  it('that was not replayed is a gap: what is in it only is not seen', async () => {
    const image = unpack('dirty.xfs');

    const tree = await openDiskImageTree(image, { signal: noSignal() });

    expect(tree.find('/root/.bash_history')).toBeUndefined();
    expect(tree.find('/etc/removed')).toBeDefined();
    expect(tree.gaps).toEqual([XFS_GAP]);
    await tree.close();
  });

  it.each(['dirty.xfs', 'frozen.xfs'])('of %s has the ends that xfs_logprint finds', async (name) => {
    const image = unpack(name);

    expect(await describeLog(image)).toBe(askXfsprogs(image));
    expect(await gapsOf(image)).toEqual([XFS_GAP]);
  });

  it('is clean after mkfs, and after xfs_repair has begun a new one', async () => {
    const fresh = join(work, 'fresh.img');
    makeBlankFile(fresh, 300 * 1024 * 1024);
    run('mkfs.xfs', '-q', fresh);
    const repaired = unpack('frozen.xfs');
    run('xfs_repair', '-L', repaired);

    expect(await describeLog(fresh)).toBe(askXfsprogs(fresh));
    expect(await describeLog(repaired)).toBe(askXfsprogs(repaired));
    expect(await gapsOf(repaired)).toEqual([]);
  });

  it.each<[string, readonly Piece[], number]>([
    ['that has begun again at its start', [[0, 40, 3, 'data']], 2],
    [
      'that was ended by an unmount after it had begun again',
      [
        [0, 40, 3, 'data'],
        [41, 1, 3, 'unmount'],
      ],
      2,
    ],
    ['that ends in its last block', [], 2],
    [
      'whose last record did not reach the disk as a whole',
      [
        [0, 40, 3, 'data'],
        [41, 60, 3, 'torn'],
      ],
      2,
    ],
    ['that was written once, in part', [[0, 40, 1, 'data']], 0],
  ])('%s has the ends that xfs_logprint finds', async (name, pieces, oldCycle) => {
    const image = join(work, `${name.replaceAll(' ', '-')}.img`);
    makeBlankFile(image, 300 * 1024 * 1024);
    run('mkfs.xfs', '-q', image);
    await writeLog(image, pieces, oldCycle);

    expect(await describeLog(image)).toBe(askXfsprogs(image));
  });
});

describe('an ext4 journal', () => {
  it('that was not replayed is a gap: what is in it only is not seen', async () => {
    const image = unpack('dirty.ext4');

    const tree = await openDiskImageTree(image, { signal: noSignal() });

    expect(run('dumpe2fs', '-h', image)).toContain('needs_recovery');
    expect(tree.find('/root/.bash_history')?.size).toBe(0);
    expect(tree.gaps).toEqual([JOURNAL_GAP]);
    await tree.close();
  });

  it('is no gap when e2fsck has replayed it', async () => {
    const image = unpack('dirty.ext4');
    run('bash', '-c', 'e2fsck -fy "$1" || [ $? -lt 4 ]', 'bash', image);

    const tree = await openDiskImageTree(image, { signal: noSignal() });

    expect(tree.find('/root/.bash_history')?.size).toBe(15);
    expect(tree.gaps).toEqual([]);
    await tree.close();
  });
});

describe('a filesystem without a journal', () => {
  it.each([
    ['that was in use', 'set_super_value state 0', 'in use when it was captured'],
    ['with errors', 'set_super_value state 3', 'marked as having errors'],
  ])('%s is a gap', async (_what, request, reason) => {
    const image = join(work, 'ext2.img');
    makeExtImage(image, system, { options: ['-t', 'ext2'] });
    run('debugfs', '-w', '-R', request, image);

    expect(await gapsOf(image)).toEqual([{ path: '/', reason: expect.stringContaining(reason), kind: 'volume' }]);
  });
});

/** First block, blocks with the header, cycle, and what it is. */
type Piece = readonly [number, number, number, 'data' | 'unmount' | 'torn'];

/** Fills the log with `oldCycle`, and writes records as xfs_log.c lays them out: a header, blocks stamped with the cycle. */
async function writeLog(image: string, pieces: readonly Piece[], oldCycle: number): Promise<void> {
  const source = await openFileSource(image);
  const { log, blockBytes } = await readXfsSuperblock(source);
  const uuid = await source.read(32, 16);
  await source.close();
  const length = (log.blocks * blockBytes) / 512;
  const blocks = Buffer.alloc(length * 512);
  const put = (start: number, count: number, cycle: number, kind: Piece[3]) => {
    const tail = Math.max(start - 20, 0);
    const isUnmount = kind === 'unmount';
    const header = blocks.subarray(start * 512, (start + 1) * 512);
    header.writeUInt32BE(0xfeedbabe, 0);
    header.writeUInt32BE(cycle, 4);
    header.writeUInt32BE(2, 8);
    header.writeUInt32BE(count * 512 * (kind === 'torn' ? 2 : 1), 12);
    header.writeUInt32BE(cycle, 16);
    header.writeUInt32BE(start, 20);
    header.writeUInt32BE(cycle, 24);
    header.writeUInt32BE(isUnmount ? start : tail, 28);
    header.writeUInt32BE(isUnmount ? 1 : 2, 40);
    header.writeUInt32BE(1, 300);
    uuid.copy(header, 304);
    header.writeUInt32BE(32 * 1024, 320);
    for (let at = 1; at <= count; at += 1) blocks.writeUInt32BE(cycle, (start + at) * 512);
    if (isUnmount) blocks.writeUInt8(0x20, (start + 1) * 512 + 9);
  };
  if (oldCycle > 0) for (let at = 0; at < length; at += 64) put(at, 63, oldCycle, 'data');
  for (const [start, count, cycle, kind] of pieces) put(start, count, cycle, kind);
  const file = openSync(image, 'r+');
  writeSync(file, blocks, 0, blocks.length, log.offset);
  closeSync(file);
}
