import { toText } from '../to-text.js';
import { replaceVariables } from './legacy-template.js';

/** Packer's references as those of a config: `{{user `x`}}` → `${var:x}`; what looks like one in a config stays text. */
export function toReferences(text: string): string {
  const named = replaceVariables(escapeReferences(text), (name) => `\${var:${name}}`);
  return named.replaceAll(
    /\{\{\s*env\s+[`"]([A-Za-z_][A-Za-z0-9_]*)[`"]\s*\}\}/g,
    (_whole, name: string) => `\${env:${name}:-}`,
  );
}

/** Text that a config gives back as it is: a `$` more in front of what would be a reference there. */
export function escapeReferences(text: string): string {
  return text.replaceAll(/\$\{(?=(?:env|var):)/g, () => '$${');
}

/** Whether Packer would still compute something in it. */
export function hasTemplate(text: string): boolean {
  return toReferences(text).includes('{{');
}

/** `true`, `"true"` → true; undefined for anything that is not clearly one or the other. */
export function toBoolean(value: unknown): boolean | undefined {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  return undefined;
}

/** A list, or one value, or a text with commas, as Packer takes lists. */
export function toList(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.map(toText);
  return toText(value)
    .split(',')
    .map((part) => part.trim());
}
