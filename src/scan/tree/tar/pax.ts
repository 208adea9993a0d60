import { createError } from '../../../errors.js';

/** Records of a PAX header, `LENGTH KEY=VALUE\n`; values are bytes as latin1. Errors: SCAN_STREAM_DAMAGED. */
export function parsePax(content: Buffer): Map<string, string> {
  const found = new Map<string, string>();
  const text = content.toString('latin1');
  for (let at = 0; at < text.length && text[at] !== '\0'; ) {
    const space = text.indexOf(' ', at);
    const equals = text.indexOf('=', space);
    const end = at + Number(text.slice(at, space));
    // Without `at <= space` a last record that has no space would be looked for from the front, and read for ever.
    const isSound =
      Number.isSafeInteger(end) &&
      at <= space &&
      space < equals &&
      equals < end &&
      end <= text.length &&
      text[end - 1] === '\n';
    if (!isSound) throw createError('SCAN_STREAM_DAMAGED', ['an extended header is not one']);
    found.set(text.slice(space + 1, equals), text.slice(equals + 1, end - 1));
    at = end;
  }
  return found;
}
