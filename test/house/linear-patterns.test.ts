// Regular expressions that read what others wrote must not cost the square of its length. Each is tried on texts made of
// its own words and of what it repeats: on those, one that can be slow is a thousand times as slow as one that cannot.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseSync } from '@swc/core';
import { measureCpuMs } from '../hostile/measure.js';
import { listFiles } from '../support/list-files.js';

/** Where texts of targets, archives and templates are read, and where names and lists of others are matched. */
const FOLDERS = ['src/scan', 'src/platform', 'src/lib', 'src/report'];
const LENGTH = 16_384;
/** Signs by which patterns tell one thing from the next, and one of each kind of letter. */
const SIGNS = [
  '\n',
  '\r',
  ' ',
  '\t',
  'a',
  'A',
  '0',
  '=',
  ':',
  '/',
  '"',
  "'",
  '\\',
  '-',
  '.',
  ',',
  '@',
  '#',
  '(',
  '[',
  '{',
  '<',
  '*',
  '!',
  '_',
];

interface Pattern {
  readonly file: string;
  readonly source: string;
  readonly flags: string;
}

function* findPatterns(node: unknown, file: string): Iterable<Pattern> {
  if (typeof node !== 'object' || node === null) return;
  const { type, pattern, flags } = node as Readonly<Record<string, unknown>>;
  if (type === 'RegExpLiteral') yield { file, source: String(pattern), flags: String(flags) };
  for (const child of Object.values(node)) yield* findPatterns(child, file);
}

const patterns = FOLDERS.flatMap((folder) => listFiles(folder, { extensions: ['.ts'] })).flatMap((file) => [
  ...findPatterns(parseSync(readFileSync(file, 'utf8'), { syntax: 'typescript' }), file),
]);

/** Words of a pattern, as they stand in it: `Acquire`, `proxy`, `eyJ`. */
function wordsOf(source: string): readonly string[] {
  const plain = source.replaceAll(/\\[bBdDsSwW]|\[[^\]]*\]|\(\?[:=!<]+/g, ' ').replaceAll(/\\(.)/g, '$1');
  return [...new Set(plain.match(/[\w:/.@-]{2,}/g) ?? [])].slice(0, 4);
}

function* listAttacks(source: string): Iterable<string> {
  const words = wordsOf(source);
  const units = [...SIGNS, ...words, ...words.flatMap((word) => [`${word} `, `-${word}`, `${word}\n`])];
  for (const unit of units) {
    const repeated = unit.repeat(LENGTH / unit.length);
    yield `${repeated}\0`;
    for (const word of words) yield `${word}${repeated}\0`;
  }
}

function searchAll({ source, flags }: Pattern, text: string): void {
  const pattern = new RegExp(source, flags);
  if (flags.includes('g')) for (const _ of text.matchAll(pattern)) continue;
  else pattern.test(text);
}

describe('regular expressions that read texts of others', () => {
  it('cost their length, on texts of their own words too', async () => {
    const lines = 'a = b\n'.repeat(LENGTH / 6);
    const base = await measureCpuMs(() => patterns.forEach((pattern) => searchAll(pattern, lines)));
    // A pattern on a plain text, and the clock's own grain; the square is 134 million steps.
    const limit = Math.max(20, (100 * base) / patterns.length);
    const slow = new Set<string>();

    for (const pattern of patterns) {
      for (const attack of listAttacks(pattern.source)) {
        if ((await measureCpuMs(() => searchAll(pattern, attack))) > limit)
          slow.add(`${pattern.file}: /${pattern.source}/${pattern.flags}`);
      }
    }

    expect(patterns.length).toBeGreaterThan(100);
    expect([...slow]).toEqual([]);
  }, 600_000);
});
