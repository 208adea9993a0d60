import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { BuildimgError } from '../../../src/errors.js';
import { parsePax } from '../../../src/scan/tree/tar/pax.js';

describe('parsePax', () => {
  it('reads records one after another, up to the zeros that fill the block', () => {
    const records = parsePax(Buffer.from('17 path=a b\n=c/d\n21 linkpath=../etc/x\n\0\0\0'));

    expect([...records]).toEqual([
      ['path', 'a b\n=c/d'],
      ['linkpath', '../etc/x'],
    ]);
  });

  it.each(['9 path=a\n10_path=b\n', '9 path=a\n-9 path=a\n', '9 path=a\n0 path=b\n', '9 path=a', '9 patha\n', 'x'])(
    'refuses %j',
    (text) => {
      expect(() => parsePax(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'SCAN_STREAM_DAMAGED' }));
    },
  );

  it('ends, with records or a coded error, whatever the bytes', () => {
    const pieces = fc.constantFrom('9 path=a\n', '1', '9', '-', ' ', '=', '\n', 'a', '\0');

    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (chosen) => {
        try {
          expect(parsePax(Buffer.from(chosen.join(''))).size).toBeLessThanOrEqual(chosen.length);
        } catch (error) {
          expect(error).toBeInstanceOf(BuildimgError);
        }
      }),
      { numRuns: 5000 },
    );
  });
});
