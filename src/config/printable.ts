/** Characters that would move the cursor, change colours or turn the direction of the text in a terminal. */
// oxlint-disable-next-line no-control-regex -- they are what this is about
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Surrogate}/gu;

/** `text` with unprintable characters written as \uXXXX, so that no config can draw on the terminal of its reader. */
export function toPrintable(text: string): string {
  return text.replace(UNPRINTABLE, escape);
}

/** As toPrintable, one character for one, so that columns keep their place. */
export function toPrintableInPlace(text: string): string {
  return text.replaceAll('\t', ' ').replace(UNPRINTABLE, '\u00b7');
}

/** `value` for a message: strings in quotes, long ones cut. */
export function quoteValue(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  const text = toPrintable(JSON.stringify(value) ?? String(value));
  return text.length <= MAX_QUOTED_LENGTH ? text : `${text.slice(0, MAX_QUOTED_LENGTH)}…`;
}

const MAX_QUOTED_LENGTH = 80;

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
