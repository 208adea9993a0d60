// One function a language: `value` as a literal of that language, whatever characters it holds.

/** A single-quoted word of a POSIX shell. */
export function quoteShell(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

/** A value in an environment file that systemd and POSIX shells both read: in double quotes. */
export function quoteEnvironment(value: string): string {
  return `"${value.replaceAll(/["\\$`]/g, (character) => `\\${character}`)}"`;
}

/** A JSON string. `<` is escaped as well, so that it may stand in HTML. */
export function quoteJson(value: unknown): string {
  return (JSON.stringify(value) ?? 'null').replaceAll('<', '\\u003c');
}

/** A double-quoted YAML scalar, on one line; YAML 1.2 reads every JSON string, but not the C1 and line separators raw. */
export function quoteYaml(value: string): string {
  return JSON.stringify(value).replaceAll(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, escapeCharacter);
}

/** A quoted HCL string in which nothing is a template. */
export function quoteHcl(value: string): string {
  return JSON.stringify(value)
    .replaceAll(/([$%]+)\{/g, (_match, run: string) => (run.length === 1 ? `${run}${run}{` : `\${"${run}"}{`))
    .replaceAll(/\\([bf])/g, (_match, letter: string) => (letter === 'b' ? '\\u0008' : '\\u000c'));
}

/** Inline code of Markdown: fenced by one backtick more than any run inside, on one line. */
export function quoteCode(value: string): string {
  const line = value.replaceAll(/[\r\n\u2028\u2029]+/g, ' ');
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  const space = longest > 0 ? ' ' : '';
  return `${fence}${space}${line}${space}${fence}`;
}

/** Text of HTML, or of an attribute in either kind of quotes. */
export function quoteHtml(value: string): string {
  return value.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
