import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { zipArchive } from '../../src/platform/zip-archive.js';
import { withTemporaryFolder } from '../support/temporary-folder.js';

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('zipArchive', () => {
  it('gives the same bytes in any order of the files', () => {
    const file = fc.record({
      path: fc.stringMatching(/^[a-z]{1,8}$/),
      mode: fc.constantFrom(0o644, 0o755),
      bytes: fc.uint8Array(),
    });

    fc.assert(
      fc.property(fc.uniqueArray(file, { selector: ({ path }) => path }), (files) => {
        expect(digest(zipArchive(files.toReversed()))).toBe(digest(zipArchive(files)));
      }),
    );
  });
});

describe('render --target eb-platform --zip', () => {
  it('gives the same bytes under three time zones and two umasks, and keeps modes', () =>
    withTemporaryFolder((folder) => {
      const cases = ['UTC', 'Asia/Tokyo', 'America/Sao_Paulo'].flatMap((zone) =>
        ['022', '077'].map((umask) => [zone, umask] as const),
      );

      const digests = cases.map(([zone, umask], index) => {
        const out = join(folder, String(index));
        const command = `umask ${umask}; exec node dist/cli.mjs -c examples/eb-node/buildimg.yaml render -t eb-platform --zip -o ${out}`;
        const { status } = spawnSync('sh', ['-c', command], { env: { ...process.env, TZ: zone } });
        return `${status} ${digest(readFileSync(join(out, 'node.zip')))}`;
      });

      expect(new Set(digests).size).toBe(1);
      expect(digests[0]).toMatch(/^0 /);
      const listing = execFileSync('unzip', ['-Z', join(folder, '0', 'node.zip')], { encoding: 'utf8' });
      expect(listing).toMatch(/^-rwxr-xr-x .* builder\/builder\.sh$/m);
      expect(listing).toMatch(/^-rw-r--r-- .* platform\.yaml$/m);
      expect(listing).not.toContain('.elasticbeanstalk');
    }));
});
