// What a person's terminal gets to see. Names, messages and outputs come from machines, archives and files of others: none
// of their characters may move the cursor, hide or recolour what stands there, or turn the direction of writing around
// (CVE-2021-42574).

/** The sequences of our own colors (paint.ts, format-problem.ts), and no other. */
const OWN_COLORS = String.raw`\u001b\[(?:1|22|31|32|33|36|39|90)m`;
/** C0 but for newline and tab, DEL, C1; formats (bidirectional controls among them); halves of pairs; line separators. */
const UNSEEN = String.raw`(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]`;

const ANY_UNSEEN = new RegExp(UNSEEN, 'u');
const WITHOUT_COLORS = new RegExp(UNSEEN, 'gu');
const WITH_COLORS = new RegExp(`${OWN_COLORS}|${UNSEEN}`, 'gu');
const CARRIAGE_RETURNS = /(?<!\r)\r+(?=\n|$)/g;

/**
 * A text with every character spelled out that would not be seen: `\u001b`, `\u202e`. They stand in JSON as in text: there
 * they can be in strings alone, and the spelling means the same character.
 * @param hasColor whether our own colors may be in it
 */
export function toSafeText(text: string, { hasColor }: { readonly hasColor: boolean }): string {
  if (!ANY_UNSEEN.test(text)) return text;
  // Ends of lines as Windows and serial consoles write them.
  const lines = text.replace(CARRIAGE_RETURNS, '');
  return lines.replace(hasColor ? WITH_COLORS : WITHOUT_COLORS, (found) =>
    found.length > 2 ? found : spellOut(found),
  );
}

/** Astral characters are two UTF-16 units, and so in JSON. */
function spellOut(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    const unit = character.charCodeAt(index);
    return `\\u${unit.toString(16).padStart(4, '0')}`;
  }).join('');
}
