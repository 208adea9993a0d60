// Command lines and environment files as systemd reads them (systemd.service(5), systemd.exec(5)).

/** A word and where it stands: that of a variable stands where the variable is set. */
export interface CommandWord {
  readonly text: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** Words of a text, without their quotes; undefined when a quote is not closed. */
export function splitWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] ?? '';
    if (letter === '\\' && quote !== "'") {
      at += 1;
      word = (word ?? '') + (text[at] ?? '');
    } else if (quote !== '') {
      if (letter === quote) quote = '';
      else word = (word ?? '') + letter;
    } else if (letter === '"' || letter === "'") {
      quote = letter;
      word ??= '';
    } else if (letter === ' ' || letter === '\t') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + letter;
    }
  }
  if (word !== undefined) words.push(word);
  return quote === '' ? words : undefined;
}

/** `NAME=value` lines of an environment file, quotes taken off by whoever splits the value. */
export function parseEnvironmentFile(
  text: string,
): readonly { readonly name: string; readonly value: string; readonly line: number }[] {
  return text.split('\n').flatMap((raw, index) => {
    const found = /^[ \t]*([A-Za-z_]\w*)[ \t]*=(.*)$/.exec(raw.replace(/\r$/, ''));
    return found ? [{ name: found[1] ?? '', value: takeOffQuotes((found[2] ?? '').trim()), line: index + 1 }] : [];
  });
}

/** Only one pair around the whole value, as such files have it; what is quoted within is for the words of the value. */
function takeOffQuotes(text: string): string {
  const [first] = text;
  const isQuoted = text.length > 1 && (first === '"' || first === "'") && text.indexOf(first, 1) === text.length - 1;
  return isQuoted ? text.slice(1, -1) : text;
}

/** A word `$NAME` becomes the words of its value, `${NAME}` the value within its word; undefined when a quote is not closed. */
export function expandWords(
  words: readonly CommandWord[],
  environment: ReadonlyMap<string, CommandWord>,
): readonly CommandWord[] | undefined {
  const expanded: CommandWord[] = [];
  for (const word of words) {
    const whole = /^\$([A-Za-z_]\w*)$/.exec(word.text)?.[1];
    if (whole === undefined) {
      const text = word.text.replace(/\$\{([A-Za-z_]\w*)\}/g, (_, name: string) => environment.get(name)?.text ?? '');
      expanded.push({ ...word, text });
      continue;
    }
    const value = environment.get(whole);
    const parts = splitWords(value?.text ?? '');
    if (parts === undefined) return undefined;
    expanded.push(...parts.map((text) => ({ ...(value ?? word), text })));
  }
  return expanded;
}
