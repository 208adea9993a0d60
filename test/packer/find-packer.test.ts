import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { findPacker } from '../../src/packer/find-packer.js';
import { writeFakePacker } from '../support/fake-packer.js';
import { withTemporaryFolder } from '../support/temporary-folder.js';

const SYSTEM_PATH = '/usr/bin:/bin';

describe('findPacker', () => {
  it('finds the first packer in PATH and its version', () =>
    withTemporaryFolder(async (folder) => {
      const path = writeFakePacker(folder);

      const packer = await findPacker({ environment: { PATH: `/nonexistent:${folder}:${SYSTEM_PATH}` } });

      expect(packer).toEqual({ path, version: '1.6.6' });
    }));

  it('says where it looked when there is none', () =>
    withTemporaryFolder(async (folder) => {
      await expect(findPacker({ environment: { PATH: folder } })).rejects.toMatchObject({
        code: 'PACKER_MISSING',
        exit: 3,
        message: expect.stringContaining(folder),
        hint: expect.stringContaining('apt-get install packer'),
      });
    }));

  it('passes over cracklib’s packer, which would wait for words for ever', () =>
    withTemporaryFolder(async (folder) => {
      const cracklib = join(folder, 'sbin');
      mkdirSync(cracklib);
      writeFileSync(join(cracklib, 'cracklib-packer'), '#!/bin/sh\ncat\n', { mode: 0o755 });
      symlinkSync('cracklib-packer', join(cracklib, 'packer'));
      const path = writeFakePacker(folder);

      const packer = await findPacker({ environment: { PATH: `${cracklib}:${folder}:${SYSTEM_PATH}` } });
      const alone = findPacker({ environment: { PATH: cracklib } });

      expect(packer.path).toBe(path);
      await expect(alone).rejects.toMatchObject({ code: 'PACKER_NOT_HASHICORP', exit: 3 });
    }));

  it.each(['Packer v1.5.6', 'Packer v0.12.3'])('refuses %s as too old', (version) =>
    withTemporaryFolder(async (folder) => {
      writeFakePacker(folder, { version });

      await expect(findPacker({ environment: { PATH: `${folder}:${SYSTEM_PATH}` } })).rejects.toMatchObject({
        code: 'PACKER_TOO_OLD',
        exit: 3,
      });
    }),
  );

  it('refuses a program that does not say that it is Packer', () =>
    withTemporaryFolder(async (folder) => {
      writeFakePacker(folder, { version: 'pack 0.30' });

      await expect(findPacker({ environment: { PATH: `${folder}:${SYSTEM_PATH}` } })).rejects.toMatchObject({
        code: 'PACKER_NOT_HASHICORP',
      });
    }));

  it('gives the command that installs the amazon plugin where none is built in', () =>
    withTemporaryFolder(async (folder) => {
      writeFakePacker(folder, { version: 'Packer v1.16.0' });

      await expect(findPacker({ environment: { PATH: `${folder}:${SYSTEM_PATH}` } })).rejects.toMatchObject({
        code: 'PACKER_PLUGIN_MISSING',
        hint: 'Run: packer plugins install github.com/hashicorp/amazon',
      });
    }));

  it('takes a new packer that has the plugin', () =>
    withTemporaryFolder(async (folder) => {
      const plugins =
        '/root/.config/packer/plugins/github.com/hashicorp/amazon/packer-plugin-amazon_v1.8.2_x5.0_linux_amd64';
      writeFakePacker(folder, { version: 'Packer v1.16.0', plugins });

      const packer = await findPacker({ environment: { PATH: `${folder}:${SYSTEM_PATH}` } });

      expect(packer.version).toBe('1.16.0');
    }));
});
