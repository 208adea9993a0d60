import { describe, expect, it } from '@jest/globals';
import { createMask } from '../../src/config/mask-secrets.js';

describe('createMask', () => {
  it.each([
    ['as it is', 'pa,ss"wo\'rd\nline two', 'x pa,ss"wo\'rd\nline two y'],
    ['as Packer’s machine output spells it', 'pa,ss', 'pa%!(PACKER_COMMA)ss'],
    ['as JSON spells it', 'pa"ss', '{"key":"pa\\"ss"}'],
    ['as a shell word', "pa'ss", "echo 'pa'\\''ss'"],
    ['one line of several', 'first line\nsecond line', 'found: second line'],
  ])('hides a secret %s', (_how, secret, text) => {
    const masked = createMask([secret])(text);

    expect(masked).toContain('***');
    expect(masked).not.toMatch(/pa.*ss|second/);
  });

  it('replaces a secret whole when another is part of it', () => {
    expect(createMask(['pass', 'password'])('password')).toBe('***');
  });

  it('leaves values alone that are too short to hide', () => {
    expect(createMask(['', 'a', '42'])('a 42 b')).toBe('a 42 b');
  });
});
