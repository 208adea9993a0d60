// A stranger's template names files; what may be read of them are regular files in the template's own folder.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHome, type Home } from '../support/run-cli.js';
import { withTemporaryFolder } from '../support/temporary-folder.js';

let home: Home;
beforeAll(async () => {
  home = await createHome();
});
afterAll(() => home.remove());

const OUTSIDE = 'what stands outside of the folder';

/** source/ with a template of `provisioners`, and beside it outside.txt. */
function prepare(folder: string, provisioners: readonly object[]): string {
  const source = join(folder, 'source');
  mkdirSync(join(source, 'inner'), { recursive: true });
  writeFileSync(join(folder, 'outside.txt'), OUTSIDE);
  mkdirSync(join(folder, 'outside'));
  writeFileSync(join(folder, 'outside', 'file'), OUTSIDE);
  writeFileSync(join(source, 'inner', 'kept'), 'kept');
  const builder = { type: 'amazon-ebs', region: 'us-west-2', source_ami: 'ami-00000000', ssh_username: 'admin' };
  writeFileSync(join(source, 'template.json'), JSON.stringify({ builders: [builder], provisioners }));
  return source;
}

function readAll(folder: string): string {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  return paths
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
}

const PLANTS: Readonly<Record<string, (path: string, folder: string) => void>> = {
  'a link to a file outside': (path, folder) => symlinkSync(join(folder, 'outside.txt'), path),
  'a link to a folder outside': (path, folder) => symlinkSync(join(folder, 'outside'), path),
  'a link that leads to itself': (path) => symlinkSync(path, path),
  'a pipe': (path) => void execFileSync('mkfifo', [path]),
  'a link to a device': (path) => symlinkSync('/dev/null', path),
  'a link without an end': (path) => symlinkSync('nowhere', path),
};

describe('platform import, files', () => {
  it.each(['../outside.txt', 'inner/../../outside.txt', 'ROOT/outside.txt', './../outside/'])(
    'reads and shows nothing at the path %s',
    (path) =>
      withTemporaryFolder(async (folder) => {
        const named = path.replace('ROOT', folder);
        const steps = [
          { type: 'shell', script: named },
          { type: 'file', source: named, destination: '/tmp/x' },
        ];
        const source = prepare(folder, steps);

        const answer = await home.run('platform', 'import', source, '-o', join(folder, 'new'));

        expect(answer.status).toBe(0);
        expect(answer.stdout).toContain('it was left out');
        expect(answer.stdout + readAll(join(folder, 'new'))).not.toContain(OUTSIDE);
      }),
  );

  it.each(Object.keys(PLANTS))('leaves out %s, named itself or in a folder that is', (kind) =>
    withTemporaryFolder(async (folder) => {
      const steps = [
        { type: 'shell', script: 'planted' },
        { type: 'file', source: 'inner', destination: '/opt' },
      ];
      const source = prepare(folder, steps);
      PLANTS[kind]?.(join(source, 'planted'), folder);
      PLANTS[kind]?.(join(source, 'inner', 'planted'), folder);

      const answer = await home.run('platform', 'import', source, '-o', join(folder, 'new'));

      expect(answer).toMatchObject({ status: 0, stderr: '' });
      expect(answer.stdout).toContain('planted is no file or folder below');
      expect(answer.stdout).toContain('inner/planted is no regular file');
      expect(answer.stdout + readAll(join(folder, 'new'))).not.toContain(OUTSIDE);
      expect(readdirSync(join(folder, 'new', 'inner'))).toEqual(['kept']);
    }),
  );

  it('ends where folders lead into each other, and copies what a link in the folder leads to', () =>
    withTemporaryFolder(async (folder) => {
      const source = prepare(folder, [{ type: 'file', source: 'inner', destination: '/opt' }]);
      symlinkSync('..', join(source, 'inner', 'up'));
      symlinkSync('kept', join(source, 'inner', 'alias'));

      const answer = await home.run('platform', 'import', source, '-o', join(folder, 'new'));

      expect(answer.status).toBe(0);
      expect(readFileSync(join(folder, 'new', 'inner', 'alias'), 'utf8')).toBe('kept');
      expect(existsSync(join(folder, 'new', 'inner', 'up', 'inner', 'up'))).toBe(false);
    }));

  it.each([
    ['the template', 'template.json'],
    ['platform.yaml', 'platform.yaml'],
  ])('does not wait at a pipe in place of %s', (_what, name) =>
    withTemporaryFolder(async (folder) => {
      const source = join(folder, 'source');
      mkdirSync(source);
      execFileSync('mkfifo', [join(source, name)]);

      const answer = await home.run('platform', 'import', source, '-o', join(folder, 'new'));

      expect({ status: answer.status, code: answer.stderr.split(' ')[0] }).toEqual({
        status: 2,
        code: 'IMPORT_NO_TEMPLATE',
      });
    }),
  );

  it('takes no template from outside that platform.yaml names', () =>
    withTemporaryFolder(async (folder) => {
      const source = prepare(folder, []);
      symlinkSync(join(folder, 'outside.txt'), join(source, 'link.json'));
      writeFileSync(join(source, 'platform.yaml'), 'version: "1.0"\nprovisioner:\n  template: link.json\n');

      const answer = await home.run('platform', 'import', source, '-o', join(folder, 'new'));

      expect(answer.stderr.split(' ')[0]).toBe('IMPORT_NO_TEMPLATE');
      expect(answer.stderr).not.toContain(OUTSIDE);
    }));
});
