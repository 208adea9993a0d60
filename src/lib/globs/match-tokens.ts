// The one matcher of patterns. It follows all the ways through a pattern at once, a character at a time, so that a pattern
// of many stars costs its length times that of the text, and never an exponent of it.

export type Matcher = (text: string) => boolean;

export type Token =
  /** One character. */
  | { readonly kind: 'one'; readonly accepts: (character: string) => boolean }
  /** Any number of characters. */
  | { readonly kind: 'run'; readonly accepts: (character: string) => boolean }
  /** Nothing, or any number of folders with the slash behind them. */
  | { readonly kind: 'folders' };

/** Whether a text matches the tokens from its beginning to its end. */
export function createMatcher(tokens: readonly Token[]): Matcher {
  return (text) => {
    if (!endsLike(text, tokens.at(-1))) return false;
    let places = enter(0, tokens, new Set());
    for (const character of text) {
      const next = new Set<number>();
      for (const place of places) advance({ place, character, tokens }, next);
      if (next.size === 0) return false;
      places = next;
    }
    return places.has(tokens.length);
  };
}

/** Most texts that are asked about end otherwise than the pattern: `*.bak` of all files of a disk. */
function endsLike(text: string, last: Token | undefined): boolean {
  const end = text.at(-1) ?? '';
  const isHalf = /[\ud800-\udfff]/.test(end);
  return last?.kind !== 'one' || isHalf || (end !== '' && last.accepts(end));
}

interface Step {
  readonly place: number;
  readonly character: string;
  readonly tokens: readonly Token[];
}

function advance({ place, character, tokens }: Step, next: Set<number>): void {
  const token = tokens[place];
  if (token?.kind === 'folders') {
    next.add(place);
    if (character === '/') enter(place + 1, tokens, next);
  } else if (token?.accepts(character)) enter(token.kind === 'run' ? place : place + 1, tokens, next);
}

/** Adds a place in the pattern, and those behind what may be empty there. */
function enter(place: number, tokens: readonly Token[], places: Set<number>): Set<number> {
  for (let at = place; ; at += 1) {
    places.add(at);
    const kind = tokens[at]?.kind;
    if (kind !== 'run' && kind !== 'folders') return places;
  }
}
