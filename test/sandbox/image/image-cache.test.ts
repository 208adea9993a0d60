import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { readProcessIdentity } from '../../../src/process-identity.js';
import { writeBaseImage } from '../../../src/sandbox/image/base-image.js';
import { createDebianRecipe } from '../../../src/sandbox/image/debian-recipe.js';
import { ensureCachedImage, toCacheKey } from '../../../src/sandbox/image/image-cache.js';
import { withTemporaryFolder } from '../../support/temporary-folder.js';

describe('toCacheKey', () => {
  it('is equal for equal inputs and differs for any other package, file or suite', () => {
    const recipe = createDebianRecipe('debian-12');
    const keys = [
      recipe,
      createDebianRecipe('debian-12'),
      { ...recipe, packages: [...recipe.packages, 'nginx'] },
      { ...recipe, files: { ...recipe.files, '/etc/motd': 'hello' } },
      createDebianRecipe('debian-13'),
    ].map((inputs) => toCacheKey('debian-12', inputs));

    expect(keys[1]).toBe(keys[0]);
    expect(new Set(keys).size).toBe(4);
    expect(keys[0]).toMatch(/^debian-12-[0-9a-f]{16}$/);
  });
});

describe('ensureCachedImage', () => {
  it('makes an image once for all who ask at the same time', async () => {
    await withTemporaryFolder(async (cacheDir) => {
      let made = 0;
      const make = async (workFolder: string) => {
        made += 1;
        await sleep(50);
        await describeImage(workFolder);
      };

      const images = await Promise.all([1, 2, 3].map(() => ensureCachedImage({ cacheDir, key: 'k', make })));

      expect(made).toBe(1);
      expect(new Set(images.map(({ file }) => file))).toEqual(new Set([join(cacheDir, 'k', 'disk.qcow2')]));
      expect(readdirSync(cacheDir)).toEqual(['k']);
    });
  });

  it('keeps nothing of a making that failed, and lets the next one try', async () => {
    await withTemporaryFolder(async (cacheDir) => {
      const failure = ensureCachedImage({ cacheDir, key: 'k', make: () => Promise.reject(new Error('no space left')) });

      await expect(failure).rejects.toThrow('no space left');
      expect(readdirSync(cacheDir)).toEqual([]);
      const image = await ensureCachedImage({ cacheDir, key: 'k', make: describeImage });
      expect(existsSync(image.file)).toBe(true);
    });
  });

  it('takes over the lock of a maker that died', async () => {
    await withTemporaryFolder(async (cacheDir) => {
      mkdirSync(join(cacheDir, 'k.lock'));
      writeFileSync(
        join(cacheDir, 'k.lock', 'owner'),
        JSON.stringify({ ...readProcessIdentity(process.pid), startTicks: '1' }),
      );

      const image = await ensureCachedImage({ cacheDir, key: 'k', make: describeImage });

      expect(image.os).toBe('debian-12');
    });
  });

  it('waits for a maker that it cannot judge, as one in another container', async () => {
    await withTemporaryFolder(async (cacheDir) => {
      mkdirSync(join(cacheDir, 'k.lock'));
      const elsewhere = { ...readProcessIdentity(process.pid), pidNamespace: 'pid:[1]', startTicks: '1' };
      writeFileSync(join(cacheDir, 'k.lock', 'owner'), JSON.stringify(elsewhere));
      const interrupt = new AbortController();
      const waiting = ensureCachedImage({ cacheDir, key: 'k', make: describeImage, signal: interrupt.signal });
      await sleep(50);

      interrupt.abort();

      await expect(waiting).rejects.toThrow('aborted');
      expect(existsSync(join(cacheDir, 'k.lock'))).toBe(true);
    });
  });

  it('stops waiting for another maker when aborted', async () => {
    await withTemporaryFolder(async (cacheDir) => {
      const maker = ensureCachedImage({
        cacheDir,
        key: 'k',
        make: async (folder) => {
          await sleep(300);
          await describeImage(folder);
        },
      });
      await sleep(50);

      const failure = ensureCachedImage({ cacheDir, key: 'k', signal: AbortSignal.timeout(50), make: describeImage });

      await expect(failure).rejects.toThrow();
      await maker;
    });
  });
});

async function describeImage(workFolder: string): Promise<void> {
  const file = join(workFolder, 'disk.qcow2');
  writeFileSync(file, 'disk');
  await writeBaseImage({
    os: 'debian-12',
    architecture: 'x86_64',
    file,
    digest: 'sha256:00',
    name: 'debian-12-amd64-00000000',
    ownerId: '136693071363',
    rootDeviceName: '/dev/xvda',
    loginUser: 'admin',
    ssmParameters: [],
    virtualSizeGib: 8,
  });
}
