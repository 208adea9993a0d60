export type CharacterSet =
  | { readonly accepts: (character: string) => boolean /** Index behind the closing bracket. */; readonly end: number }
  | { readonly problem: string };

/**
 * A set of characters that begins with the bracket at `start`: `[abc]`, `[a-z]`, `[!a]` or `[^a]`; a bracket right after
 * the beginning is one of them. Classes with names (`[:alpha:]`) are refused, rather than taken for their letters.
 */
export function parseSet(
  characters: readonly string[],
  start: number,
  { hasEscapes, isPath }: { readonly hasEscapes?: boolean; readonly isPath?: boolean },
): CharacterSet {
  const isNegated = characters[start + 1] === '!' || characters[start + 1] === '^';
  const first = start + (isNegated ? 2 : 1);
  const ranges: (readonly [from: string, to: string])[] = [];
  for (let at = first; at < characters.length; at += 1) {
    if (characters[at] === ']' && at > first) {
      const isIn = (character: string) =>
        ranges.some(([from, to]) => codeOf(from) <= codeOf(character) && codeOf(character) <= codeOf(to));
      return {
        accepts: (character) => isIn(character) !== isNegated && !(isPath && character === '/'),
        end: at + 1,
      };
    }
    if (characters[at] === '[' && characters[at + 1] === ':')
      return { problem: 'it has a class of characters with a name' };
    if (characters[at] === '\\' && hasEscapes) at += 1;
    const from = characters[at] ?? '';
    const to = characters[at + 2];
    if (characters[at + 1] !== '-' || to === undefined || to === ']') {
      ranges.push([from, from]);
      continue;
    }
    if (codeOf(from) > codeOf(to)) return { problem: `the range ${from}-${to} has its ends the wrong way round` };
    ranges.push([from, to]);
    at += 2;
  }
  return { problem: 'a bracket has no end' };
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? -1;
}
