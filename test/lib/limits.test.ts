import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { loadWaivers } from '../../src/cli/load-waivers.js';
import { parseYaml } from '../../src/config/parse-yaml.js';
import { limits } from '../../src/lib/limits.js';
import { readHclBlocks } from '../../src/platform/import/read-hcl.js';
import { openArchive } from '../../src/platform/open-archive.js';
import { boundConsole } from '../../src/sandbox/machine/bound-console.js';

const folder = mkdtempSync(join(tmpdir(), 'buildimg-limits-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('docs/limits.md', () => {
  it('has a row for every limit, with its value', () => {
    const page = readFileSync(join(process.cwd(), 'docs/limits.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `(\w+)` \| ([\d,]+)( MiB)? \|/gm)].map(([, key = '', number = '', mib]) => [
      key,
      Number(number.replaceAll(',', '')) * (mib === undefined ? 1 : 1024 ** 2),
    ]);

    expect(Object.fromEntries(rows)).toEqual(limits);
  });
});

function aliases(count: number, items: number): string {
  return `list: &list [${'1, '.repeat(items)}1]\nuses:\n${'  - *list\n'.repeat(count)}`;
}

function nested(depth: number): string {
  return `locals {\n  x = ${'['.repeat(depth)}1${']'.repeat(depth)}\n}\n`;
}

describe('the aliases of a YAML text', () => {
  it('are refused where they stand for too many values', () => {
    expect(parseYaml(aliases(9000, 9000), 'yaml').problems).toMatchObject([{ code: 'CONFIG_ALIAS' }]);
  });

  it('are refused where there are too many of them', () => {
    expect(parseYaml(aliases(limits.yamlAliases + 1, 1), 'yaml').problems).toMatchObject([{ code: 'CONFIG_ALIAS' }]);
  });

  it('stand for the anchor that is last above them', () => {
    const { value, problems } = parseYaml('- &a 1\n- *a\n- &a 2\n- *a\n- {<<: &m {k: v}}\n- {<<: *m}\n', 'yaml');

    expect(problems).toEqual([]);
    expect(value).toEqual([1, 1, 2, 2, { k: 'v' }, { k: 'v' }]);
  });

  it('of a file of waivers are held to the same limits', async () => {
    const file = join(folder, 'waivers.yaml');
    writeFileSync(file, aliases(9000, 9000));
    await expect(loadWaivers(file)).rejects.toMatchObject({ code: 'SCAN_WAIVERS_INVALID' });

    truncateSync(file, limits.waiversBytes + 1);
    await expect(loadWaivers(file)).rejects.toMatchObject({ message: expect.stringContaining('more than') });
  });
});

describe('the depth of HCL', () => {
  it('is refused with its place where it is too great', async () => {
    await expect(readHclBlocks(nested(3000), 'a.pkr.hcl')).rejects.toMatchObject({
      code: 'IMPORT_SYNTAX',
      message: expect.stringMatching(/^a\.pkr\.hcl:2:\d+: this nests too deep/),
    });
  });

  it('may be that of any template that people write', async () => {
    expect((await readHclBlocks(nested(30), 'a.pkr.hcl')).blocks).toHaveLength(1);
  });
});

describe('a file of a platform archive', () => {
  it('is read only when it is no larger than its reader takes, and copied whatever its size', async () => {
    const platform = join(folder, 'platform');
    rmSync(platform, { recursive: true, force: true });
    writeFileSync(join(folder, 'large.bin'), Buffer.alloc(5000, 1));
    const archive = await openArchive(folder, new AbortController().signal);
    const entry = archive.entries.get('large.bin');

    await expect(entry?.read(4999)).rejects.toThrow('large.bin has 5000 bytes, more than 4999');
    expect((await entry?.read(5000))?.length).toBe(5000);
    const copy = join(folder, 'copy.bin');
    await entry?.copyTo(copy, 0o755);
    archive.close();
    expect(statSync(copy)).toMatchObject({ size: 5000 });
    expect(statSync(copy).mode & 0o777).toBe(0o755);
  });
});

describe('boundConsole', () => {
  it('drops all but the end of a console that is too large, which goes on where it was', async () => {
    const file = join(folder, 'console.log');
    writeFileSync(file, Buffer.concat([Buffer.alloc(900_000, 'a'), Buffer.from('login: ')]));

    await boundConsole(file, 500_000);

    const { size, blocks } = statSync(file);
    expect(size).toBe(900_007);
    expect(blocks * 512).toBeLessThan(200_000);
    expect(readFileSync(file).subarray(-7).toString()).toBe('login: ');
  });

  it('leaves one alone that is within its limit', async () => {
    const file = join(folder, 'small.log');
    writeFileSync(file, 'boot\n');

    await boundConsole(file, 500_000);

    expect(readFileSync(file, 'utf8')).toBe('boot\n');
  });
});
