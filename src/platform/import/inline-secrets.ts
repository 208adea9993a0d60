// Secrets in lines of shell: the value leaves the text and comes by the step's environment, under the name that the line
// gives it where it gives it one.
import { findSecrets, findSecretsInSetting } from '../../scan/rules/secrets/find-secrets.js';

export interface CleanedScript {
  readonly text: string;
  /** Name → value of what was taken out: variables that the script now expects. */
  readonly taken: ReadonlyMap<string, string>;
  /** What was found and had to go with its line: `SEC-003 in line 4`. */
  readonly removed: readonly string[];
}

const ASSIGNMENT = /(^|[\s;&|(])([A-Za-z_]\w*)=("[^"\n]*"|'[^'\n]*'|[^\s;&|()"'<>]+)/g;
const WORD = /[^\s"'`=,;()<>|&]+/g;

/** `lines` without anything that the scan would call a secret. */
export function takeOutSecrets(lines: readonly string[]): CleanedScript {
  const taken = new Map<string, string>();
  const named = lines.map((line) => takeAssignments(line, taken));
  const worded = named.map((line) => takeWords(line, taken));
  const { text, removed } = dropLines(worded.join('\n'));
  return { text, taken, removed };
}

/** `export TOKEN=abc…` → `export TOKEN="${TOKEN}"`. */
function takeAssignments(line: string, taken: Map<string, string>): string {
  return line.replaceAll(ASSIGNMENT, (whole, before: string, name: string, quoted: string) => {
    const value = /^["']/.test(quoted) ? quoted.slice(1, -1) : quoted;
    if (findSecretsInSetting(name, value).length === 0) return whole;
    const variable = remember(value, taken, name);
    return `${before}${name}="\${${variable}}"`;
  });
}

/** A token that stands alone, in whichever quotes. */
function takeWords(line: string, taken: Map<string, string>): string {
  return line.replaceAll(WORD, (word, at: number) => {
    if (findSecrets(word).length === 0) return word;
    const variable = remember(word, taken, 'SECRET');
    return quoteReference(variable, line.slice(0, at));
  });
}

/** A reference where the text before it has opened single quotes, double quotes or none. */
function quoteReference(variable: string, before: string): string {
  let open = '';
  for (let at = 0; at < before.length; at += 1) {
    const character = before[at] ?? '';
    if (character === '\\' && open !== "'") at += 1;
    else if (open === '' && (character === '"' || character === "'")) open = character;
    else if (character === open) open = '';
  }
  const reference = `\${${variable}}`;
  if (open === '"') return reference;
  return open === "'" ? `'"${reference}"'` : `"${reference}"`;
}

/** The name that it has, that it is given, or that one with a number: two values never share one. */
function remember(value: string, taken: Map<string, string>, wanted: string): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted}_${number}`;
    const known = taken.get(name);
    if (known === undefined) taken.set(name, value);
    if (known === undefined || known === value) return name;
  }
}

const KEY_BLOCK = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----[^]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----|$)/g;

/** What is left has no value that could be named. */
function dropLines(text: string): { readonly text: string; readonly removed: readonly string[] } {
  const hits = findSecrets(text);
  if (hits.length === 0) return { text, removed: [] };
  const bad = new Set(hits.filter(({ check }) => check !== 'SEC-003').map(({ line }) => line));
  const lines = text
    .split('\n')
    .map((line, index) => (bad.has(index + 1) ? '# a line with a secret was left out' : line));
  return {
    text: lines.join('\n').replaceAll(KEY_BLOCK, 'a private key was left out'),
    removed: hits.map(({ check, line }) => `${check} in line ${line}`),
  };
}
