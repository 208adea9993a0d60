import { describe, expect, it } from '@jest/globals';
import { compileGlob, expandBraces, findGlobProblem, type GlobSyntax } from '../../../src/lib/globs/compile-glob.js';
import { measureCpuMs } from '../../hostile/measure.js';

const ALL: GlobSyntax = { isPath: true, hasSets: true, hasEscapes: true, hasBraces: true };

describe('compileGlob', () => {
  it.each([
    ['/etc/*', '/etc/passwd', true],
    ['/etc/*', '/etc/ssh/sshd_config', false],
    ['/etc/**', '/etc/ssh/sshd_config', true],
    ['**/b', 'b', true],
    ['**/b', 'a/a/b', true],
    ['**/b', 'ab', false],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'a/x/y/b', true],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[^a]', 'b', true],
    ['[]a]', ']', true],
    ['[!a]b', '/b', false],
    ['{a,b{c,d}}x', 'bdx', true],
    ['{a,b}', 'ab', false],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['a.b', 'axb', false],
    ['ü?', 'ü🙂', true],
    ['*\n*', 'a\nb', true],
  ])('%s and %j: %s', (pattern, text, expected) => {
    expect(compileGlob(pattern, ALL)(text)).toBe(expected);
  });

  it('takes signs that its syntax does not have for themselves', () => {
    expect(compileGlob('[a]{b,c}\\*', {})('[a]{b,c}\\x')).toBe(true);
    expect(compileGlob('a*d', {})('a/b/c/d')).toBe(true);
  });

  it.each([
    ['[z-a]', 'the range z-a has its ends the wrong way round'],
    ['[abc', 'a bracket has no end'],
    ['[[:alpha:]]', 'it has a class of characters with a name'],
    ['{a,b}'.repeat(9), 'its braces stand for more than 256 patterns'],
    [`${'{'.repeat(2500)}${'}'.repeat(2500)}`, 'it is longer than 4096 characters'],
    ['x'.repeat(5000), 'it is longer than 4096 characters'],
  ])('matches nothing with %j, and says why', (pattern, problem) => {
    expect(findGlobProblem(pattern, ALL)).toBe(problem);
    expect(compileGlob(pattern, ALL)(pattern)).toBe(false);
  });

  it.each(['*a', '**/', '*', '?*', '[!x]*', '**', 'a*'])(
    'costs its length times that of the text: %s',
    async (unit) => {
      const text = 'a'.repeat(4000);
      const plain = compileGlob(`${'a'.repeat(399)}*b`, ALL);
      const hostile = compileGlob(`${unit.repeat(400 / unit.length)}b`, ALL);
      await measureCpuMs(() => plain(text));
      const base = await measureCpuMs(() => plain(text));

      const cost = await measureCpuMs(() => hostile(text));

      // 400 places of the pattern at once where the plain one has two.
      expect(cost).toBeLessThan(400 * Math.max(base, 1));
    },
  );
});

describe('expandBraces', () => {
  it('gives every pattern that is meant', () => {
    expect(expandBraces('/{etc,usr/{lib,share}}/x')).toEqual(['/etc/x', '/usr/lib/x', '/usr/share/x']);
    expect(expandBraces('/a}b{')).toEqual(['/a}b{']);
  });

  it('refuses to make more patterns than anybody means', () => {
    expect(() => expandBraces('{a,b}'.repeat(40))).toThrow(RangeError);
  });
});
