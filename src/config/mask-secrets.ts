/** What stands where a secret was. */
export const MASK = '***';
/** Shorter ones would make every line unreadable and hide nothing: they can be guessed. */
const SHORTEST_MASKED = 3;

/** Returns a function that replaces every secret in a text, in each of the spellings that it can be met in. */
export function createMask(secrets: readonly string[]): (text: string) => string {
  const spellings = new Set(secrets.flatMap(listSpellings).filter(({ length }) => length >= SHORTEST_MASKED));
  // Longest first, so that a secret that contains another is replaced whole.
  const ordered = [...spellings].toSorted((one, other) => other.length - one.length);
  return (text) => ordered.reduce((masked, secret) => masked.replaceAll(secret, MASK), text);
}

// As it is; each of its lines, because output is read line by line; as Packer's machine output, JSON and a
// single-quoted shell word spell it.
function listSpellings(secret: string): readonly string[] {
  const whole = [secret, ...secret.split(/\r?\n/)];
  return whole.flatMap((text) => [
    text,
    text.replaceAll('\r', '\\r').replaceAll('\n', '\\n').replaceAll(',', '%!(PACKER_COMMA)'),
    JSON.stringify(text).slice(1, -1),
    text.replaceAll("'", `'\\''`),
  ]);
}
