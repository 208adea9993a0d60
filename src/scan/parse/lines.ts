export interface NumberedLine {
  readonly text: string;
  /** From 1. */
  readonly line: number;
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
