import stringWidth from 'string-width';

export interface WrapOptions {
  /** Columns of the whole line, the indent among them. */
  readonly width: number;
  /** What the first line begins with. */
  readonly first: string;
  /** What the other lines begin with. */
  readonly rest: string;
}

/** Breaks a text between words; a word that is longer than a line is left whole, so that it can be copied. */
export function wrapText(text: string, { width, first, rest }: WrapOptions): readonly string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && stringWidth(line) + 1 + stringWidth(word) > width) {
      lines.push(line);
      line = rest;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}
