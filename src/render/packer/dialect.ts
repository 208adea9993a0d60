// Packer evaluates strings more than once. Both dialects run Go templates (`{{`) over most settings; HCL2 first expands
// `${` and `%{`. Settings that Packer runs as a template again until nothing changes (tags, description) cannot carry
// `{{` at all: assert-carriable.ts refuses it there.
import { type Expression, findExpressionKind } from './template.js';

export interface Dialect {
  /** Plain text, so that Packer gives it back as it was. */
  escapeText(text: string): string;
  formatVariable(name: string): string;
}

export const legacyDialect: Dialect = {
  escapeText: escapeGoTemplate,
  formatVariable: (name) => `{{user \`${name}\`}}`,
};

export const hcl2Dialect: Dialect = {
  escapeText: (text) => escapeHclTemplate(escapeGoTemplate(text)),
  formatVariable: (name) => `\${var.${name}}`,
};

export type JsonValue =
  | string
  | number
  | boolean
  | undefined
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** `settings` as plain JSON of `dialect`: text escaped, keys too (tag keys are the user's), expressions written out. */
export function encodeSettings(settings: unknown, dialect: Dialect): JsonValue {
  if (typeof settings === 'string') return dialect.escapeText(settings);
  if (Array.isArray(settings)) return settings.map((each) => encodeSettings(each, dialect));
  if (typeof settings !== 'object' || settings === null) return settings as number | boolean | undefined;
  const kind = findExpressionKind(settings);
  if (kind !== undefined) return encodeExpression(kind, settings as Expression, dialect);
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([key, value]) => [dialect.escapeText(key), encodeSettings(value, dialect)]));
}

function encodeExpression(kind: 'variable' | 'packer', { text }: Expression, dialect: Dialect): string {
  return kind === 'variable' ? dialect.formatVariable(text) : text;
}

/** `{{` as a Go template that yields it; `}}` alone means nothing to Go. */
function escapeGoTemplate(text: string): string {
  return text.replaceAll('{{', '{{`{{`}}');
}

/**
 * HCL knows `$${` and `%%{`, but a run such as `$$${` or `%${` cannot be written with them (verified with Packer 1.6.6):
 * such a run goes through a quoted string of its own.
 */
function escapeHclTemplate(text: string): string {
  return text.replaceAll(/([$%]+)\{/g, (_match, run: string) => (run.length === 1 ? `${run}${run}{` : `\${"${run}"}{`));
}
