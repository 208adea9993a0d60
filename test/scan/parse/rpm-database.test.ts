// The database was written by the real rpm; what is expected is what `rpm -qa` and `rpm -qa --dump` print for it.
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { parseRpmHeader } from '../../../src/scan/parse/rpm-header.js';
import { readSqliteTable } from '../../../src/scan/parse/sqlite-table.js';
import { rpmDatabase } from '../rules/fixtures/common.js';

function readPackages(database: Buffer) {
  const rows = [...(readSqliteTable(database, 'Packages') ?? [])];
  return rows.flatMap(([, blob]) => (Buffer.isBuffer(blob) ? [parseRpmHeader(blob)] : []));
}

describe('readSqliteTable and parseRpmHeader', () => {
  it('read every package with epoch, version and release', () => {
    const versions = readPackages(rpmDatabase).map(
      ({ name, version, architecture }) => `${name} ${version} ${architecture}`,
    );

    expect(versions.toSorted()).toEqual([
      'docs 1.0-1 noarch',
      'openssh-server 8.7p1-45.el9 noarch',
      'passwd 2:0.80-12.el9 noarch',
      'sudo 1.9.5p2-10.el9 noarch',
    ]);
  });

  it('read the files of a package whose header goes over several pages', () => {
    const docs = readPackages(rpmDatabase).find(({ name }) => name === 'docs');

    expect(docs?.files).toHaveLength(303);
    expect(docs?.files).toContainEqual({
      path: '/usr/share/docs/file-with-a-longer-name-1.txt',
      // sha256 of "1\n"
      digest: '4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865',
      algorithm: 'sha256',
      isConfiguration: false,
    });
    expect(docs?.files.filter((file) => file.isConfiguration).map((file) => file.path)).toEqual(['/etc/docs.conf']);
  });

  it('give nothing for a table that is not there', () => {
    expect(readSqliteTable(rpmDatabase, 'Nothing')).toBeUndefined();
  });

  it('end with an error on a database that is cut off anywhere', () => {
    const lengths = [0, 10, 100, 4096, 20_000, 100_000];

    for (const length of lengths) expect(() => readPackages(rpmDatabase.subarray(0, length))).toThrow();
  });

  it('end with an error on pages that lead to themselves', () => {
    const looped = Buffer.from(rpmDatabase);
    // The table's root, page 2, becomes an inner page of 1,000 children, each of which is page 2.
    const root = looped.subarray(4096, 8192);
    root.writeUInt8(0x05, 0);
    root.writeUInt16BE(1000, 3);
    root.writeUInt32BE(2, 8);
    for (let cell = 0; cell < 1000; cell += 1) root.writeUInt16BE(8, 12 + cell * 2);

    expect(() => readPackages(looped)).toThrow('in two places');
  });

  it('end with an error on pages of four bytes', () => {
    const tiny = Buffer.from(rpmDatabase);
    tiny.writeUInt16BE(4, 16);

    expect(() => readPackages(tiny)).toThrow('4 bytes');
  });

  it('end, with packages or an error, whatever bytes are changed', () => {
    // The header of the file, the schema and the table Packages with its first overflow pages.
    const change = fc.tuple(fc.integer({ min: 16, max: 4 * 4096 }), fc.integer({ min: 0, max: 255 }));

    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const changed = Buffer.from(rpmDatabase);
        for (const [at, value] of changes) changed[at] = value;
        try {
          expect(readPackages(changed).length).toBeLessThan(rpmDatabase.length);
        } catch (error) {
          expect(error).toMatchObject({ message: expect.stringMatching(/./) });
        }
      }),
      { numRuns: 300 },
    );
  });
});
