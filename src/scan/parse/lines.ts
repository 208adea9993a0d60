// Texts of a target are read a line at a time: a pattern that spans lines can start at every one of them and run to the
// end each time, which makes a file of newlines cost the square of its size.

export interface NumberedLine {
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

export interface LineMatch extends NumberedLine {
  readonly found: RegExpExecArray;
}

/** The lines of a file with their numbers, without line ends; blank lines and those that start with `#` are left out. */
export function* listLines(text: string): Iterable<NumberedLine> {
  let line = 0;
  for (const raw of text.split('\n')) {
    line += 1;
    const trimmed = raw.trim();
    if (trimmed !== '' && !trimmed.startsWith('#')) yield { text: trimmed, line };
  }
}

/** Every line that the pattern matches, with what it found there first; `^` and `$` are the borders of the line. */
export function* matchLines(text: string, pattern: RegExp): Iterable<LineMatch> {
  for (const [index, line] of text.split('\n').entries()) {
    const found = pattern.exec(line);
    if (found) yield { found, text: line, line: index + 1 };
  }
}

/** The first line that the pattern matches. */
export function findLine(text: string, pattern: RegExp): LineMatch | undefined {
  for (const match of matchLines(text, pattern)) return match;
  return undefined;
}

/** The number of the line, from 1, at offsets of a text that are asked for in rising order: it counts on from the last one. */
export function createLineCounter(text: string): (offset: number) => number {
  let line = 1;
  let next = text.indexOf('\n');
  return (offset) => {
    for (; next !== -1 && next < offset; next = text.indexOf('\n', next + 1)) line += 1;
    return line;
  };
}

/** No line that a person or a tool writes into a configuration is longer; what is, is data, or there to cost time. */
export const MAX_LINE_LENGTH = 64 * 1024;

export interface CutText {
  readonly text: string;
  /** Numbers of the lines that were cut, from 1. */
  readonly cut: readonly number[];
}

/** The text with every line cut at MAX_LINE_LENGTH. */
export function cutLongLines(text: string): CutText {
  if (text.length <= MAX_LINE_LENGTH) return { text, cut: [] };
  const cut: number[] = [];
  const lines = text.split('\n').map((line, index) => {
    if (line.length <= MAX_LINE_LENGTH) return line;
    cut.push(index + 1);
    return line.slice(0, MAX_LINE_LENGTH);
  });
  return cut.length === 0 ? { text, cut } : { text: lines.join('\n'), cut };
}
