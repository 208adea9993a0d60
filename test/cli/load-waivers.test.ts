import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadWaivers } from '../../src/cli/load-waivers.js';
import { withTemporaryFolder } from '../support/temporary-folder.js';

async function load(text: string) {
  return await withTemporaryFolder(async (folder) => {
    const file = join(folder, 'waivers');
    writeFileSync(file, text);
    return await loadWaivers(file);
  });
}

describe('loadWaivers', () => {
  it('reads a list in YAML and one under a key in JSON', async () => {
    const waiver = { check: 'SEC-006', path: '/opt/**', reason: 'A sample', expires: '2027-01-31' };

    const lists = [
      await load('- { check: SEC-006, path: "/opt/**", reason: A sample, expires: 2027-01-31 }\n'),
      await load(JSON.stringify({ waivers: [waiver] })),
    ];

    expect(lists).toEqual([[waiver], [waiver]]);
  });

  it.each([
    [
      'a key that there is not',
      '- { check: ACC-001, paht: /x, reason: r, expires: 2027-01-31 }',
      'waiver 1 has an unknown key "paht"',
    ],
    ['no reason', '- { check: ACC-001, expires: 2027-01-31 }', 'waiver 1 has no reason'],
    ['an empty path', '- { check: ACC-001, path: "", reason: r, expires: 2027-01-31 }', 'waiver 1 has no path'],
    ['a day that is none', '- { check: ACC-001, reason: r, expires: 2027-02-30 }', 'expires is not a day'],
    ['a month without days', '- { check: ACC-001, reason: r, expires: 2027-02 }', 'expires is not a day'],
    ['no end', '- { check: ACC-001, reason: r, expires: never }', 'expires is not a day'],
    [
      'a check that there is not',
      '- { check: SHS-001, reason: r, expires: 2027-01-31 }',
      'waiver 1: there is no check SHS-001; did you mean SSH-001?',
    ],
    ['a family that there is not', '- { check: ABC-*, reason: r, expires: 2027-01-31 }', 'there is no check ABC-*'],
    [
      'a pattern with a bad set',
      '- { check: ACC-001, path: "/etc/[z-a]", reason: r, expires: 2027-01-31 }',
      'waiver 1: path is no pattern that can be used: the range z-a has its ends the wrong way round',
    ],
    [
      'a pattern of too many others',
      `- { check: ACC-001, path: "/${'{a,b}'.repeat(12)}", reason: r, expires: 2027-01-31 }`,
      'stand for more than 256 patterns',
    ],
    [
      'a check with an open bracket',
      '- { check: "SSH-[0", reason: r, expires: 2027-01-31 }',
      'waiver 1: check is no pattern that can be used: a bracket has no end',
    ],
    ['a text for a waiver', '- ACC-001', 'waiver 1 is not a mapping'],
    ['a word', 'everything', 'no list of waivers'],
    ['what is no YAML', '- {', 'Flow'],
    [
      'what unfolds without end',
      `- &a [${'1, '.repeat(999)}1]\n${'- *a\n'.repeat(999)}`,
      'Aliases of aliases stand for too many values',
    ],
  ])('refuses %s', async (_what, text, problem) => {
    await expect(load(text)).rejects.toMatchObject({
      code: 'SCAN_WAIVERS_INVALID',
      message: expect.stringContaining(problem),
    });
  });

  it('says which file is not there', async () => {
    await expect(loadWaivers('/nonexistent/waivers.yaml')).rejects.toMatchObject({ code: 'SCAN_WAIVERS_INVALID' });
  });
});
