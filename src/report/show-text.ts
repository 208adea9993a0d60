// Names in a target are chosen by whoever made it. Shown to a person, none of them may move the cursor, begin a line, or
// turn the direction of writing around (CVE-2021-42574).

/** A text on one line, with everything that is not to be seen spelled out: `\n`, `\u{202e}`. */
export function showText(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return SHORT.get(code) ?? `\\u{${code.toString(16)}}`;
  });
}

const SHORT: ReadonlyMap<number, string> = new Map([
  [9, '\\t'],
  [10, '\\n'],
  [13, '\\r'],
]);
