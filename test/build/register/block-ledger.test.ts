import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openBlockLedger } from '../../../src/build/register/block-ledger.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  file = join(folder, 'ledger');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a ledger of blocks', () => {
  it('knows what an earlier process wrote', async () => {
    const first = await openBlockLedger(file, 10);
    first.record(3, digest('three'), 'sent');
    first.record(7, digest('seven'), 'same');
    first.close();

    const second = await openBlockLedger(file, 10);

    expect([second.find(3), second.find(7), second.find(4)]).toEqual([digest('three'), digest('seven'), undefined]);
    expect(second.knownBlocks).toBe(2);
    second.close();
  });

  it('forgets a line that a crash cut off, and writes the next one whole', async () => {
    const first = await openBlockLedger(file, 10);
    first.record(3, digest('three'), 'sent');
    first.close();
    appendFileSync(file, '4 sent AAAA');

    const second = await openBlockLedger(file, 10);
    second.record(5, digest('five'), 'sent');
    second.close();
    const third = await openBlockLedger(file, 10);

    expect([third.find(3), third.find(4), third.find(5)]).toEqual([digest('three'), undefined, digest('five')]);
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(3);
    third.close();
  });

  it('leaves out what a disk wrote as zeros, and blocks that the disk does not have', async () => {
    appendFileSync(file, `${'\0'.repeat(20)}\n12 sent ${digest('twelve').toString('base64')}\n`);

    const ledger = await openBlockLedger(file, 10);

    expect(ledger.knownBlocks).toBe(0);
    ledger.close();
  });

  it('sums up what was sent in the order of the disk, each block by its last content', async () => {
    const ledger = await openBlockLedger(file, 10);
    ledger.record(8, digest('eight'), 'sent');
    ledger.record(2, digest('old'), 'sent');
    ledger.record(5, digest('five'), 'same');
    ledger.record(2, digest('two'), 'sent');

    const sent = ledger.summarise();

    const expected = createHash('sha256').update(digest('two')).update(digest('eight')).digest();
    expect(sent).toEqual({ blockCount: 2, digest: expected });
    ledger.close();
  });
});

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
