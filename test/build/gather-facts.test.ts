import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { gatherFileFacts } from '../../src/build/gather-facts.js';
import { writeFiles } from '../support/render-image-in.js';
import { withTemporaryFolder } from '../support/temporary-folder.js';

const HELLO = '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03';

describe('gatherFileFacts', () => {
  it('finds every file below a folder, with digest and normalised mode', () =>
    inRoot(async (root) => {
      writeFiles(root, { 'rootfs/etc/motd': 'hello\n', 'rootfs/bin/run': 'hello\n' });
      chmodSync(`${root}/rootfs/etc/motd`, 0o600);
      chmodSync(`${root}/rootfs/bin/run`, 0o711);

      const facts = await gather(root, [`${root}/rootfs`]);

      expect([...facts].filter(([path]) => path.startsWith(root))).toEqual([
        [`${root}/rootfs/bin/run`, { digest: HELLO, mode: 0o755 }],
        [`${root}/rootfs/etc/motd`, { digest: HELLO, mode: 0o644 }],
      ]);
    }));

  it('takes links inside the root for what they point to', () =>
    inRoot(async (root) => {
      writeFiles(root, { 'shared/a': 'hello\n' });
      mkdirSync(`${root}/rootfs`);
      symlinkSync('../shared', `${root}/rootfs/folder`);
      symlinkSync('../shared/a', `${root}/rootfs/file`);

      const facts = await gather(root, [`${root}/rootfs`]);

      expect(facts.get(`${root}/rootfs/folder/a`)?.digest).toBe(HELLO);
      expect(facts.get(`${root}/rootfs/file`)?.digest).toBe(HELLO);
    }));

  it.each([
    [
      'a link that leaves the root',
      'PAYLOAD_LINK_LEAVES_ROOT',
      (root: string) => symlinkSync('/etc/hostname', `${root}/rootfs/x`),
    ],
    ['a link to a folder around it', 'PAYLOAD_LINK_LOOPS', (root: string) => symlinkSync('..', `${root}/rootfs/x`)],
    ['a link to itself', 'PAYLOAD_LINK_LOOPS', (root: string) => symlinkSync('x', `${root}/rootfs/x`)],
    ['a link to nothing', 'PAYLOAD_FILE_MISSING', (root: string) => symlinkSync('gone', `${root}/rootfs/x`)],
    ['a pipe', 'PAYLOAD_SPECIAL_FILE', (root: string) => execFileSync('mkfifo', [`${root}/rootfs/x`])],
  ])('refuses %s', (_what, code, make) =>
    inRoot(async (root) => {
      mkdirSync(`${root}/rootfs`);
      make(root);

      const gathered = gather(root, [`${root}/rootfs`]);

      await expect(gathered).rejects.toMatchObject({ code, exit: 2 });
    }),
  );

  it('refuses a path that does not exist', () =>
    inRoot(async (root) => {
      await expect(gather(root, [`${root}/gone.sh`])).rejects.toMatchObject({ code: 'PAYLOAD_FILE_MISSING' });
    }));

  it('refuses more files than anybody wants to upload over SSH', () =>
    inRoot(async (root) => {
      writeFiles(root, Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`one/${i}`, ''])));
      for (let copy = 0; copy < 100; copy += 1) cpSync(`${root}/one`, `${root}/all/${copy}`, { recursive: true });

      await expect(gather(root, [`${root}/all`])).rejects.toMatchObject({ code: 'PAYLOAD_TOO_MANY_FILES' });
    }));

  it('stops when it is told to', () =>
    inRoot(async (root) => {
      const gathered = gather(root, [root], AbortSignal.abort(new Error('enough')));

      await expect(gathered).rejects.toThrow('enough');
    }));
});

function inRoot(use: (root: string) => Promise<void>): Promise<void> {
  return withTemporaryFolder(async (folder) => {
    writeFiles(folder, { 'config/buildimg.yaml': '', 'provisioners/seal.sh': '' });
    await use(`${folder}/config`);
  });
}

function gather(root: string, paths: readonly string[], signal = new AbortController().signal) {
  return gatherFileFacts({ paths, root, provisionersDir: `${root}/../provisioners`, signal });
}
