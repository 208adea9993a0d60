import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

/** Cuts a text to at most `width` columns. What a script prints may hold control characters: they are taken out. */
export function fitToWidth(text: string, width: number): string {
  const plain = stripVTControlCharacters(text).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, ' ');
  if (stringWidth(plain) <= width) {
    return plain;
  }
  let fitted = '';
  for (const { segment } of new Intl.Segmenter().segment(plain)) {
    if (stringWidth(fitted + segment) > width - 1) {
      break;
    }
    fitted += segment;
  }
  return `${fitted}…`;
}
