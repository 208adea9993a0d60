// A config in TypeScript is a program of whoever wrote the repository: what it sees, and whether it runs at all.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHome, type Home } from '../support/run-cli.js';
import { withTemporaryFolder } from '../support/temporary-folder.js';

let home: Home;
beforeEach(async () => {
  home = await createHome({ TYPESCRIPT_TEST_TOKEN: 'tell-nobody' });
});
afterEach(() => home.remove());

/** Puts what it sees of the environment into the name of its image, and a file beside itself. */
const CURIOUS = `import { defineConfig } from 'buildimg';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
writeFileSync(join(import.meta.dirname ?? __dirname, 'ran'), '');
console.log('printed');
const name = process.env.TYPESCRIPT_TEST_TOKEN ?? 'sees-nothing';
export default defineConfig({ version: 1, images: { [name]: { version: '1.0.0', source: { os: 'debian-12' } } } });
`;

const withConfigFile = (use: (file: string, folder: string) => Promise<void>, name = 'buildimg.ts') =>
  withTemporaryFolder(async (folder) => {
    const file = join(folder, name);
    writeFileSync(file, CURIOUS);
    await use(file, folder);
  });

const policyOf = async (file: string) => {
  const { stdout } = await home.run('-c', file, 'render', '-o', join(file, '..', 'out'));
  return stdout;
};

describe('a config in TypeScript', () => {
  it.each(['validate', 'iam-policy'])(
    'runs at %s without the variables of the environment, and it is said',
    (command) =>
      withConfigFile(async (file) => {
        const { status, stdout, stderr } = await home.run('-c', file, command);

        expect(status).toBe(0);
        expect(stderr.match(/is a program and runs as you/g)).toHaveLength(1);
        expect(stdout + stderr).not.toMatch(/tell-nobody|printed/);
      }),
  );

  it('sees them once its folder is trusted, until it changes', () =>
    withConfigFile(async (file) => {
      const before = await policyOf(file);
      const trusted = await home.run('-c', file, 'trust');
      const after = await policyOf(file);
      const quiet = await home.run('-c', file, 'validate');
      writeFileSync(file, `${CURIOUS}\n`);
      const changed = await policyOf(file);

      expect(before).toContain('sees-nothing');
      expect(trusted).toMatchObject({ status: 0, stdout: expect.stringContaining(file) });
      expect(after).toContain('tell-nobody');
      expect(quiet.stderr).toBe('');
      expect(changed).toContain('sees-nothing');
    }));

  it.each([
    ['--no-scripts', ['--no-scripts'], {}],
    ['BUILDIMG_NO_SCRIPTS', [], { BUILDIMG_NO_SCRIPTS: '1' }],
  ])('does not run with %s, trusted or not', (_what, options, variables) =>
    withConfigFile(async (file, folder) => {
      await home.run('-c', file, 'trust');
      const other = await createHome({ ...variables, XDG_STATE_HOME: home.folder });

      const { status, stderr } = await other.run(...options, '-c', file, 'plan');
      other.remove();

      expect({ status, code: stderr.split(' ')[0] }).toEqual({ status: 2, code: 'CONFIG_SCRIPT_REFUSED' });
      expect(existsSync(join(folder, 'ran'))).toBe(false);
    }, 'buildimg.mjs'),
  );

  it('is what trust is about: a config in YAML needs none', () =>
    withTemporaryFolder(async (folder) => {
      writeFileSync(join(folder, 'buildimg.yaml'), 'version: 1\n');

      const { status, stderr } = await home.run('-c', join(folder, 'buildimg.yaml'), 'trust');

      expect({ status, code: stderr.split(' ')[0] }).toEqual({ status: 2, code: 'USAGE' });
    }));
});
