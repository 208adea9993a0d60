import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { findProvisionersDir } from '../../src/plugins/find-package-folder.js';
import { quoteShell } from '../../src/render/quote.js';
import { writeFiles } from '../support/render-image-in.js';
import { withTemporaryFolder } from '../support/temporary-folder.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const SOURCES = join(ROOT, 'provisioners');
const BUNDLES = readdirSync(findProvisionersDir()).filter((file) => file.endsWith('.sh'));
const SCRIPT = '#!/usr/bin/env bash\n';

interface Bundler {
  readonly bundleProvisioner: (folder: string, name: string) => Promise<string | undefined>;
}

const scripts: string = join(ROOT, 'scripts/bundle-provisioner.mjs');
const { bundleProvisioner } = (await import(scripts)) as Bundler;

describe('the bundles of the provisioners', () => {
  it('are there for every provisioner that has a script, current, and shell that shellcheck finds no fault in', async () => {
    const names = BUNDLES.map((file) => basename(file, '.sh'));
    const texts = await Promise.all(names.map((name) => bundleProvisioner(SOURCES, name)));
    const { exitCode, stdout } = await execa('shellcheck', BUNDLES, { cwd: findProvisionersDir(), reject: false });

    expect(names).toEqual(
      readdirSync(SOURCES).filter((name) => /^(apply|install)\.sh$/m.test(readdirSync(join(SOURCES, name)).join('\n'))),
    );
    expect(texts).toEqual(BUNDLES.map((file) => readFileSync(join(findProvisionersDir(), file), 'utf8')));
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
  }, 300_000);

  it.each(BUNDLES)('unpack to what they were made of, closed to others: %s', (file) =>
    withTemporaryFolder(async (folder) => {
      cpSync(join(findProvisionersDir(), file), join(folder, file));
      const name = basename(file, '.sh');

      const { started, mask } = await unpack(join(folder, file));

      const unpacked = join(folder, `${name}.d`);
      const parts = listParts(unpacked);
      expect(started).toMatch(new RegExp(`^bash ${unpacked}/${name}/(apply|install)\\.sh$`));
      expect(mask).toBe('0026');
      expect(parts.filter((part) => part.startsWith(`${name}/`))).toEqual(
        listParts(SOURCES, name).filter((part) => !/(\.md|provisioner\.yaml)$/.test(part)),
      );
      for (const part of parts) {
        expect(readFileSync(join(unpacked, part))).toEqual(readFileSync(join(SOURCES, part)));
        expect(statSync(join(unpacked, part)).mode & 0o077).toBe(0);
      }
      expect(statSync(unpacked).mode & 0o777).toBe(0o700);
    }),
  );
});

describe('bundleProvisioner', () => {
  it('carries any text as it is, with its executable bit, and replaces what an earlier run unpacked', () =>
    withTemporaryFolder(async (folder) => {
      const odd = `$(id) \`id\` \${HOME} \\ ' "\r\nEOF\nEND\n# end of odd/other\n\u00e9\n\n`;
      writeFiles(folder, { 'odd/apply.sh': SCRIPT, 'odd/files/data': odd, 'odd/empty': '' });
      chmodSync(join(folder, 'odd/files/data'), 0o755);
      const bundle = join(folder, 'upload.sh');
      writeFiles(folder, { 'odd.d/odd/leftover': 'x', 'upload.sh': (await bundleProvisioner(folder, 'odd')) ?? '' });

      await unpack(bundle);

      expect(readFileSync(join(folder, 'odd.d/odd/files/data'), 'utf8')).toBe(odd);
      expect(statSync(join(folder, 'odd.d/odd/files/data')).mode & 0o777).toBe(0o700);
      expect(statSync(join(folder, 'odd.d/odd/empty')).size).toBe(0);
      expect(listParts(join(folder, 'odd.d'))).toEqual(['odd/apply.sh', 'odd/empty', 'odd/files/data']);
    }));

  it('runs the script with the options and the status that it was started with', () =>
    withTemporaryFolder(async (folder) => {
      const apply = `${SCRIPT}here=$(cd "$(dirname "\${BASH_SOURCE[0]}")" && pwd)\n. "$here/../lib/say.sh"\nsay; exit 7\n`;
      writeFiles(folder, { 'it/apply.sh': apply, 'lib/say.sh': `say() { echo "$BUILDIMG_WORD"; }\n` });
      writeFiles(folder, { 'with space/it.sh': (await bundleProvisioner(folder, 'it')) ?? '' });

      const result = await execa('bash', [join(folder, 'with space/it.sh')], {
        env: { BUILDIMG_WORD: 'a $b' },
        reject: false,
      });

      expect(result).toMatchObject({ exitCode: 7, stdout: 'a $b', stderr: '' });
    }));

  it('carries of lib what is sourced, by whichever part, and changes with nothing else', () =>
    withTemporaryFolder(async (folder) => {
      const sources = {
        'one/apply.sh': `${SCRIPT}. "$here/../lib/a.sh"\n`,
        'one/README.md': '# one\n',
        'one/provisioner.yaml': 'name: one\n',
        'lib/a.sh': '. "$here/../lib/b.sh"\n',
        'lib/b.sh': 'true\n',
        'lib/c.sh': 'true\n',
      };
      const bundleWith = async (changes: Readonly<Record<string, string>>) => {
        rmSync(join(folder, 'p'), { recursive: true, force: true });
        writeFiles(join(folder, 'p'), { ...sources, ...changes });
        return await bundleProvisioner(join(folder, 'p'), 'one');
      };

      const first = await bundleWith({});
      const others = await bundleWith({ 'lib/c.sh': '#\n', 'one/README.md': '#\n', 'one/provisioner.yaml': '#\n' });
      const sourced = await bundleWith({ 'lib/b.sh': 'false\n' });

      expect(first?.match(/^# end of .*$/gm)).toEqual([
        '# end of lib/a.sh',
        '# end of lib/b.sh',
        '# end of one/apply.sh',
      ]);
      expect(others).toBe(first);
      expect(sourced).not.toBe(first);
    }));

  it.each([
    ['a part without an end of line', 'echo', 'its last line does not end'],
    ['a line that would end the part', '# end of bad/apply.sh\n', 'it has the line "# end of bad/apply.sh"'],
    ['bytes that no shell carries', 'a\0b\n', 'it is not text'],
    ['a part of lib that is missing', '. "$here/../lib/gone.sh"\n', 'lib/gone.sh'],
  ])('refuses %s', (_what, text, message) =>
    withTemporaryFolder(async (folder) => {
      writeFiles(folder, { 'bad/apply.sh': text });

      await expect(bundleProvisioner(folder, 'bad')).rejects.toThrow(message);
    }),
  );

  it('makes none of a provisioner that is code of buildimg alone', () =>
    withTemporaryFolder(async (folder) => {
      mkdirSync(join(folder, 'code'));
      writeFileSync(join(folder, 'code/README.md'), '# code\n');

      expect(await bundleProvisioner(folder, 'code')).toBeUndefined();
    }));
});

/** Lets a bundle write its parts and says what it would have run then, and under which umask. */
async function unpack(bundle: string) {
  const script = `umask 026; exec() { echo "$*"; umask; }; . ${quoteShell(bundle)}`;
  const { stdout } = await execa('bash', ['-c', script]);
  const [started, mask] = stdout.split('\n');
  return { started, mask };
}

function listParts(folder: string, below = '.'): readonly string[] {
  return readdirSync(join(folder, below), { recursive: true, encoding: 'utf8' })
    .map((path) => join(below, path))
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort();
}
