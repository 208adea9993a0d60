import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { importImage } from '../../../src/sandbox/image/import-image.js';
import { withTemporaryFolder } from '../../support/temporary-folder.js';

describe('importImage', () => {
  it.each(['raw', 'qcow2', 'vmdk', 'vpc', 'vhdx'])(
    'turns a %s disk into a self-contained qcow2 of whole GiB',
    async (format) => {
      await withTemporaryFolder(async (folder) => {
        const source = makeDisk(folder, format);

        const image = await importImage({
          source,
          checksum: sha256(source),
          os: 'ubuntu-24.04',
          cacheDir: join(folder, 'cache'),
        });

        expect(image).toMatchObject({
          os: 'ubuntu-24.04',
          ownerId: '099720109477',
          loginUser: 'ubuntu',
          virtualSizeGib: 1,
        });
        expect(image.digest).toBe(sha256(image.file));
        const facts = JSON.parse(execFileSync('qemu-img', ['info', '--output=json', image.file], { encoding: 'utf8' }));
        expect(facts).toMatchObject({ format: 'qcow2', 'virtual-size': 1024 ** 3 });
        expect(readBack(image.file, folder).subarray(0, 12).toString()).toBe('hello, world');
      });
    },
  );

  it('reads file: and http: addresses, and answers the second import from the cache', async () => {
    await withTemporaryFolder(async (folder) => {
      const source = makeDisk(folder, 'qcow2');
      const bytes = readFileSync(source);
      let requests = 0;
      const server = createServer((_request, response) => {
        requests += 1;
        response.end(bytes);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/disk.qcow2`;
      const common = { checksum: sha256(source), os: 'debian-12', cacheDir: join(folder, 'cache') };

      const first = await importImage({ ...common, source: address });
      const second = await importImage({ ...common, source: address });
      const third = await importImage({ ...common, source: pathToFileURL(source).href, os: 'debian-13' });
      server.close();

      expect(second).toEqual(first);
      expect(requests).toBe(1);
      expect(third.ssmParameters).toEqual(['/aws/service/debian/release/13/latest/amd64']);
    });
  });

  it('refuses a source whose checksum differs, and keeps nothing of it', async () => {
    await withTemporaryFolder(async (folder) => {
      const source = makeDisk(folder, 'raw');
      const cacheDir = join(folder, 'cache');

      const failure = importImage({ source, checksum: `sha512:${'0'.repeat(128)}`, os: 'debian-12', cacheDir });

      await expect(failure).rejects.toMatchObject({ code: 'SANDBOX_IMAGE_CHECKSUM_MISMATCH' });
      expect(readdirSync(cacheDir)).toEqual([]);
    });
  });

  it.each([
    '',
    'sha256:',
    'md5:d41d8cd98f00b204e9800998ecf8427e',
    `sha256:${'g'.repeat(64)}`,
    `sha512:${'0'.repeat(64)}`,
  ])('refuses the checksum "%s"', async (checksum) => {
    const failure = importImage({ source: '/nowhere', checksum, os: 'debian-12', cacheDir: '/nowhere' });

    await expect(failure).rejects.toMatchObject({ code: 'SANDBOX_IMAGE_CHECKSUM_FORMAT' });
  });

  it('refuses a qcow2 with a backing file or an external data file, which may be any file of this host', async () => {
    await withTemporaryFolder(async (folder) => {
      const backed = join(folder, 'backed.qcow2');
      const external = join(folder, 'external.qcow2');
      execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', makeDisk(folder, 'raw'), '-F', 'raw', backed]);
      execFileSync('qemu-img', [
        'create',
        '-q',
        '-f',
        'qcow2',
        '-o',
        `data_file=${join(folder, 'data')}`,
        external,
        '1G',
      ]);

      await expect(importFrom(backed, folder)).rejects.toThrow('it needs a backing file');
      await expect(importFrom(external, folder)).rejects.toThrow('its data is in an external file');
    });
  });

  it('refuses a VMDK descriptor that names other files, and what is no disk at all', async () => {
    await withTemporaryFolder(async (folder) => {
      const descriptor = join(folder, 'flat.vmdk');
      execFileSync('qemu-img', ['create', '-q', '-f', 'vmdk', '-o', 'subformat=monolithicFlat', descriptor, '1M']);
      const text = join(folder, 'page.html');
      writeFileSync(text, '<html>404</html>'.repeat(100));
      const empty = join(folder, 'empty');
      writeFileSync(empty, '');

      for (const source of [descriptor, text, empty]) {
        await expect(importFrom(source, folder)).rejects.toMatchObject({ code: 'SANDBOX_IMAGE_FORMAT' });
      }
    });
  });

  it('says which source cannot be read', async () => {
    await withTemporaryFolder(async (folder) => {
      const request = { checksum: `sha256:${'0'.repeat(64)}`, os: 'debian-12', cacheDir: join(folder, 'cache') };

      const [missing, refused] = await Promise.allSettled([
        importImage({ ...request, source: join(folder, 'missing.qcow2') }),
        importImage({ ...request, source: 'http://127.0.0.1:1/x' }),
      ]);

      const message = expect.stringMatching(/^Cannot read the image .*missing\.qcow2: ENOENT/);
      expect(missing).toMatchObject({ status: 'rejected', reason: { code: 'SANDBOX_IMAGE_SOURCE', message } });
      expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'SANDBOX_IMAGE_SOURCE' } });
      expect(existsSync(join(folder, 'cache', 'disk.qcow2'))).toBe(false);
    });
  });
});

function importFrom(source: string, folder: string) {
  return importImage({ source, checksum: sha256(source), os: 'debian-12', cacheDir: join(folder, 'cache') });
}

/** A disk of 1 MiB with a boot signature and a greeting. */
function makeDisk(folder: string, format: string): string {
  const raw = join(folder, 'disk.raw');
  const bytes = Buffer.alloc(1024 * 1024);
  bytes.write('hello, world');
  bytes.writeUInt16LE(0xaa55, 510);
  writeFileSync(raw, bytes);
  if (format === 'raw') return raw;
  const file = join(folder, `disk.${format}`);
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', format, raw, file]);
  return file;
}

function readBack(qcow2: string, folder: string): Buffer {
  const raw = join(folder, 'back.raw');
  execFileSync('qemu-img', ['dd', '-f', 'qcow2', '-O', 'raw', 'bs=512', 'count=1', `if=${qcow2}`, `of=${raw}`]);
  return readFileSync(raw);
}

function sha256(file: string): string {
  return `sha256:${createHash('sha256').update(readFileSync(file)).digest('hex')}`;
}
