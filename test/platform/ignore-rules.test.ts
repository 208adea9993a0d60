import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseIgnoreRules } from '../../src/platform/ignore-rules.js';

const PATHS = [
  'a.txt',
  'b.log',
  'keep.log',
  'dir/b.log',
  'dir/sub/c.txt',
  'build/x',
  'src/build/y',
  '#note',
  'a b ',
  'x[1]',
  'x1',
];

describe('parseIgnoreRules', () => {
  it.each([
    '*.log',
    '*.log\n!keep.log',
    '/b.log',
    'build/',
    '/build/',
    'dir/*.log',
    'dir/**',
    '**/b.log',
    'dir/**/c.txt',
    '# comment\n\n?.txt',
    '\\#note',
    'x[1]',
    'x\\[1\\]',
    '[!a].log',
  ])('agrees with git on %j', (rules) => {
    const isIgnored = parseIgnoreRules(rules);

    const ours = PATHS.filter((path) => {
      const parents = path
        .split('/')
        .slice(0, -1)
        .map((_, index, all) => all.slice(0, index + 1).join('/'));
      return parents.some((parent) => isIgnored(parent, true)) || isIgnored(path, false);
    });

    expect(ours).toEqual(askGit(rules));
  });
});

function askGit(rules: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'ignore-'));
  spawnSync('git', ['init', '-q', folder]);
  writeFileSync(join(folder, '.gitignore'), rules);
  for (const path of PATHS) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), '');
  }
  const { stdout } = spawnSync('git', ['check-ignore', '-z', '--stdin'], {
    cwd: folder,
    input: PATHS.join('\0'),
    encoding: 'utf8',
  });
  const ignored = stdout.split('\0');
  return PATHS.filter((path) => ignored.includes(path));
}
