import { appendFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createJournal, readJournal } from '../../src/build/journal.js';
import { mayHidePublication, parseJournal } from '../../src/build/parse-journal.js';
import { createFakeClock } from '../support/fake-clock.js';
import { withTemporaryFolder } from '../support/temporary-folder.js';

describe('createJournal', () => {
  it('keeps what was appended, numbered and dated, closed to other users', () =>
    withTemporaryFolder(async (folder) => {
      const journal = createJournal(join(folder, 'journal.jsonl'), createFakeClock());
      journal.append({ kind: 'intended', operation: 'packer-build', amiName: 'web-1' });
      journal.append({ kind: 'learned', resource: 'instance', id: 'i-1' });
      journal.close();

      const records = await readJournal(journal.file);

      expect(records).toEqual([
        {
          sequence: 1,
          time: '2026-01-02T03:04:05.000Z',
          kind: 'intended',
          operation: 'packer-build',
          amiName: 'web-1',
        },
        { sequence: 2, time: '2026-01-02T03:04:05.000Z', kind: 'learned', resource: 'instance', id: 'i-1' },
      ]);
      expect(statSync(journal.file).mode & 0o777).toBe(0o600);
    }));

  it('refuses a file that is there already', () =>
    withTemporaryFolder((folder) => {
      const file = join(folder, 'journal.jsonl');
      createJournal(file, createFakeClock()).close();

      expect(() => createJournal(file, createFakeClock())).toThrow(/EEXIST/);
    }));
});

describe('readJournal', () => {
  it('leaves out a last line that a crash cut off', () =>
    withTemporaryFolder(async (folder) => {
      const journal = createJournal(join(folder, 'journal.jsonl'), createFakeClock());
      journal.append({ kind: 'learned', resource: 'instance', id: 'i-1' });
      journal.close();
      appendFileSync(journal.file, '{"sequence":2,"kind":"lear');

      const records = await readJournal(journal.file);

      expect(records.map(({ sequence }) => sequence)).toEqual([1]);
    }));
});

describe('mayHidePublication', () => {
  const started =
    '{"sequence":1,"time":"2026-01-02T03:04:05.000Z","kind":"started","run":"r","image":"i","region":"us-east-1"}';
  const packer =
    '{"sequence":2,"time":"2026-01-02T03:04:05.000Z","kind":"intended","operation":"packer-build","amiName":"a"}';
  const image = '{"sequence":4,"time":"2026-01-02T03:04:05.000Z","kind":"learned","resource":"image","id":"ami-1"}';

  it.each([
    ['nothing is damaged', [started, packer], false],
    ['the image was only learned of behind the damaged line', [started, packer, 'x', image], false],
    ['the damaged line is the last', [started, packer, 'x'], true],
    ['the damaged line is behind the image', [started, packer, packer, image, 'x'], true],
  ])('knows what a line may have said when %s', (_when, lines, expected) => {
    expect(mayHidePublication(parseJournal(`${lines.join('\n')}\n`))).toBe(expected);
  });
});
