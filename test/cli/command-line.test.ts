import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createHome, type Home } from '../support/run-cli.js';

describe('buildimg', () => {
  it('writes a config that validates and renders as it stands', () =>
    withHome(async (home) => {
      const folder = join(home.folder, 'new');

      const init = await home.run('init', folder);
      const validate = await home.run('validate', '--config', join(folder, 'buildimg.yaml'));
      const render = await home.run('render', '-c', join(folder, 'buildimg.yaml'), '--out', join(home.folder, 'out'));

      expect([init.status, validate.status, render.status]).toEqual([0, 0, 0]);
      expect(validate.stdout).toContain('1 image is valid');
      expect(render.stdout).toBe(`${join(home.folder, 'out', 'web')}\n`);
      expect(statSync(join(folder, 'scripts/install.sh')).mode & 0o111).not.toBe(0);
    }));

  it('never overwrites: a file in the way stops init before anything is written', () =>
    withHome(async (home) => {
      writeFileSync(join(home.folder, 'buildimg.yaml'), 'mine');

      const result = await home.run('init', home.folder);

      expect(result.status).toBe(2);
      expect(result.stderr).toContain('INIT_FILE_EXISTS');
      expect(readFileSync(join(home.folder, 'buildimg.yaml'), 'utf8')).toBe('mine');
      expect(existsSync(join(home.folder, 'scripts'))).toBe(false);
    }));

  it.each([
    ['an unknown command', ['nope']],
    ['an unknown option', ['build', '--nope']],
    ['a variable without a value', ['validate', '--var', 'name']],
    ['a count that is none', ['build', '--parallel', 'many']],
    ['a config that is not there', ['validate', '--config', '/nonexistent/buildimg.yaml']],
  ])('exits 2 for %s, with nothing on stdout', (_what, words) =>
    withHome(async (home) => {
      const result = await home.run(...words);

      expect(result.status).toBe(2);
      expect(result.stdout).toBe('');
      expect(result.stderr).not.toMatch(/\n\s+at /);
    }),
  );

  it('shows what a shell would refuse in the scripts of a config, each at its line', () =>
    withHome(async (home) => {
      const result = await home.run('validate', '-c', 'test/config/scripts/broken/buildimg.yaml');

      expect(result.status).toBe(2);
      expect(result.stderr).toContain('scripts/unclosed-if:2:1  CONFIG_SCRIPT_SYNTAX');
      expect(result.stderr).toContain('        2 | if true; then\n          | ^');
      expect(result.stderr).toContain('buildimg.yaml:15:37  CONFIG_SCRIPT_SYNTAX');
    }));

  it('names the images that there are when asked for one that is not', () =>
    withHome(async (home) => {
      const result = await home.run('render', 'wbe', '-c', 'examples/nginx/buildimg.yaml', '--out', home.folder);

      expect(result.status).toBe(2);
      expect(result.stderr).toContain('IMAGE_UNKNOWN The config has no image "wbe" (it has: web)');
    }));

  it('exits 3 with the way to install it when packer is missing', () =>
    withHome(async (home) => {
      const result = await home.run('build', '-c', 'examples/nginx/buildimg.yaml', '--packer', '/nonexistent/packer');

      expect(result.status).toBe(3);
      expect(result.stderr).toContain('apt-get install packer');
    }));

  it('refuses a delay that is none, and starts no sandbox', () =>
    withHome(async (home) => {
      const result = await home.run('sandbox', 'up', '--delay', 'image=soon');
      const status = await home.runJson<{ readonly state: string }>('sandbox', 'status', '--json');

      expect(result.status).toBe(2);
      expect(result.stderr).toContain('running=SECONDS, stopped=SECONDS or image=SECONDS');
      expect(status.state).toBe('down');
    }));

  it('prints the schema as JSON', () =>
    withHome(async (home) => {
      const schema = await home.runJson<{ readonly title: string }>('schema');

      expect(schema.title).toBe('buildimg config');
    }));
});

async function withHome(use: (home: Home) => Promise<void>): Promise<void> {
  const home = await createHome();
  try {
    await use(home);
  } finally {
    home.remove();
  }
}
