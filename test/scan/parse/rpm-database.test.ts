// The database was written by the real rpm; what is expected is what `rpm -qa` and `rpm -qa --dump` print for it.
import { describe, expect, it } from '@jest/globals';
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
});
