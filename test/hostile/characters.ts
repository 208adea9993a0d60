/** Every character that a terminal obeys or does not show, by what it is. */
export const CONTROL_CHARACTERS: readonly string[] = [
  ...range(0x00, 0x08),
  ...range(0x0b, 0x1f),
  ...range(0x7f, 0x9f),
  '\u061c',
  ...range(0x200b, 0x200f),
  ...range(0x2028, 0x202e),
  ...range(0x2060, 0x2069),
  '\u00ad',
  '\ufeff',
  '\u{e0001}',
  '\ud800',
];

/** A text as somebody else might write it: every control character, and sequences that clear, retitle, recolor and link. */
export const HOSTILE_LINE = [
  'before',
  ...CONTROL_CHARACTERS,
  '\u001b[2J\u001b[8mhidden\u001b[0m\u001b]0;title\u0007\u001b]8;;http://example.com\u001b\\link\u009b31mred',
  'after',
].join('');

/** The control characters of a text that a person would be shown; newlines, tabs and our own colors are none. */
export function findControlCharacters(text: string): readonly string[] {
  return text.match(/(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu) ?? [];
}

function range(first: number, last: number): readonly string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => String.fromCharCode(first + index));
}
