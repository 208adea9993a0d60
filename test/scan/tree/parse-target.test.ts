import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parseTarget } from '../../../src/scan/tree/parse-target.js';
import { makeBlankFile, makeTempFolder, run } from '../../support/scan-fixtures.js';

const work = makeTempFolder();
afterAll(() => rmSync(work, { recursive: true }));

describe('parseTarget', () => {
  it('tells the live machine, folders, machines and images by id apart', async () => {
    expect(await parseTarget('/')).toEqual({ kind: 'live', path: '/' });
    expect(await parseTarget(work)).toEqual({ kind: 'folder', path: work });
    expect(await parseTarget('ssh://admin@10.0.0.1:2222')).toEqual({
      kind: 'ssh',
      address: 'ssh://admin@10.0.0.1:2222',
    });
    expect(await parseTarget('ami-0123456789abcdef0')).toEqual({ kind: 'ami', imageId: 'ami-0123456789abcdef0' });
  });

  it('knows a disk image by what it holds, whatever its name', async () => {
    const raw = join(work, 'raw.txt');
    const qcow2 = join(work, 'qcow2.raw');
    const disk = join(work, 'disk');
    makeBlankFile(raw, 2 * 1024 * 1024);
    run('mke2fs', '-q', '-F', raw);
    run('qemu-img', 'create', '-q', '-f', 'qcow2', qcow2, '1M');
    makeBlankFile(disk, 4 * 1024 * 1024);
    run('sh', '-c', `echo 'start=1MiB,type=83' | sfdisk -q '${disk}'`);

    expect(await parseTarget(raw)).toEqual({ kind: 'disk-image', path: raw, format: 'raw' });
    expect(await parseTarget(qcow2)).toEqual({ kind: 'disk-image', path: qcow2, format: 'qcow2' });
    expect(await parseTarget(disk)).toEqual({ kind: 'disk-image', path: disk, format: 'raw' });
  });

  it('says what is wrong with anything else', async () => {
    const text = join(work, 'notes.txt');
    writeFileSync(text, 'not an image\n'.repeat(100));
    const empty = join(work, 'empty');
    writeFileSync(empty, '');
    const fifo = join(work, 'fifo');
    run('mkfifo', fifo);

    await expect(parseTarget(join(work, 'missing'))).rejects.toMatchObject({ code: 'SCAN_TARGET_MISSING' });
    await expect(parseTarget(text)).rejects.toMatchObject({ code: 'SCAN_NOT_AN_IMAGE' });
    await expect(parseTarget(empty)).rejects.toMatchObject({ code: 'SCAN_NOT_AN_IMAGE', message: /empty/ });
    await expect(parseTarget(fifo)).rejects.toMatchObject({ code: 'SCAN_NOT_AN_IMAGE', message: /fifo/ });
    await expect(parseTarget('s3://bucket/image')).rejects.toMatchObject({ code: 'SCAN_TARGET_UNKNOWN' });
    await expect(parseTarget('ami-12')).rejects.toMatchObject({ code: 'SCAN_TARGET_UNKNOWN' });
    await expect(parseTarget('')).rejects.toMatchObject({ code: 'SCAN_TARGET_UNKNOWN' });
  });

  it.each([
    'ssh://-oProxyCommand=id@host',
    'ssh://-oProxyCommand=id',
    'ssh://user:secret@host',
    'ssh://host:0',
    'ssh://',
    'ssh://a b@host',
    'ssh://host/path',
  ])('refuses the address %s', async (address) => {
    await expect(parseTarget(address)).rejects.toMatchObject({ code: 'SCAN_SSH_ADDRESS' });
  });
});
