// The real sshd is the oracle: for generated configurations, its -T output and our parser must agree.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { assert, asyncProperty } from 'fast-check';
import { parseSshdConfig, type SshdFiles } from '../../../src/scan/parse/sshd-config.js';
import { findSshdValue } from '../../../src/scan/parse/sshd-effective.js';
import { aConfigFile, comparedKeywords } from '../../support/sshd-config-generator.js';

const CONFIGS = 200;
const SSHD = '/usr/sbin/sshd';

const disk: SshdFiles = {
  read: async (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined),
  // The generated patterns all end in *.conf.
  glob: (pattern) => {
    const folder = dirname(pattern);
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.conf')) : [];
    return names.toSorted().map((name) => join(folder, name));
  },
};

describe('parseSshdConfig and findSshdValue', () => {
  let folder = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'buildimg-sshd-'));
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')]);
    // sshd refuses to start, even to print, without this folder of its own.
    if (!existsSync('/run/sshd')) mkdirSync('/run/sshd', { mode: 0o755 });
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it(`agree with sshd -T on ${CONFIGS} generated configurations`, async () => {
    let compared = 0;

    await assert(
      asyncProperty(aConfigFile(), aConfigFile(), aConfigFile(), async (main, first, second) => {
        const include = join(folder, 'conf.d');
        rmSync(include, { recursive: true, force: true });
        mkdirSync(include);
        writeFileSync(join(folder, 'sshd_config'), main.replaceAll('@INCLUDE@', `${include}/*.conf`));
        writeFileSync(join(include, '10-first.conf'), first.replaceAll('@INCLUDE@', '/nowhere/*.conf'));
        writeFileSync(join(include, '20-second.conf'), second.replaceAll('@INCLUDE@', '/nowhere/*.conf'));

        for (const user of ['root', 'doesnotexist']) {
          const expected = askSshd(folder, user);
          const directives = await parseSshdConfig(disk, join(folder, 'sshd_config'));
          const subject = { user, groups: user === 'root' ? ['root'] : [], host: 'client.test', address: '192.0.2.7' };
          for (const keyword of comparedKeywords) {
            const actual = findSshdValue(directives, keyword, { subject, version: '9.2' })?.value;
            expect(`${user} ${keyword} ${actual}`).toBe(`${user} ${keyword} ${expected.get(keyword)}`);
            compared += 1;
          }
        }
      }),
      { numRuns: CONFIGS, seed: 20_260_101, endOnFailure: true },
    );

    expect(compared).toBeGreaterThanOrEqual(CONFIGS * 2 * comparedKeywords.length);
  });
});

function askSshd(folder: string, user: string): ReadonlyMap<string, string> {
  const connection = `user=${user},host=client.test,addr=192.0.2.7`;
  const argv = ['-T', '-f', join(folder, 'sshd_config'), '-h', join(folder, 'key'), '-C', connection];
  const values = new Map<string, string[]>();
  for (const line of execFileSync(SSHD, argv, { encoding: 'utf8' }).split('\n')) {
    const [keyword = '', ...rest] = line.split(' ');
    values.set(keyword, [...(values.get(keyword) ?? []), rest.join(' ')]);
  }
  return new Map([...values].map(([keyword, all]) => [keyword, all.map(useNewName).join(' ')]));
}

/** sshd prints the old name of the value. */
function useNewName(value: string): string {
  return value === 'without-password' ? 'prohibit-password' : value;
}
