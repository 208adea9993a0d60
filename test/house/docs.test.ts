import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

describe('the reference pages in docs/', () => {
  it('are what the tables in the code say', () => {
    const { status, stderr } = spawnSync('node', ['scripts/generate-docs.mjs', '--check'], { encoding: 'utf8' });

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe.each(['README.md', 'docs/common-advice.md', 'docs/scan.md'])('%s', (page) => {
  const text = readFileSync(page, 'utf8');

  it('links to pages that are there', () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = '']) => link);

    expect(links.filter((link) => !existsSync(join(dirname(page), link)))).toEqual([]);
  });

  it('names checks, controls and errors that there are', () => {
    const known = ['docs/checks.md', 'docs/errors.md', 'provisioners/harden/controls.txt']
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    const ids = text.match(
      /\b(?:(?:ACC|AUD|BAN|CLD|FB|FS|KEY|KRN|LOG|NET|OS|SEAL|SEC|SSH|SUD|SVC)-\d{3}|CONFIG_\w+)\b/g,
    );

    expect((ids ?? []).filter((id) => !known.includes(id))).toEqual([]);
  });
});
