// Packer evaluates strings more than once. Both dialects run Go templates (`{{`) over most settings; HCL2 first expands
// `${` and `%{`. Settings that Packer runs as a template again until nothing changes (tags, description) cannot carry
// `{{` at all: assert-carriable.ts refuses it there.
import { type Expression, isExpression, type JoinedText } from './template.js';

export interface Dialect {
  /** Plain text, so that Packer gives it back as it was. */
  escapeText(text: string): string;
  formatVariable(name: string): string;
  /** A variable whose value may hold anything: Packer shall give it on as it is. */
  formatSecret(name: string): string;
  /** Escaped text that an expression follows: its end must not make one opening of both. */
  closeText(escaped: string): string;
}

export const legacyDialect: Dialect = {
  escapeText: escapeGoTemplate,
  formatVariable: (name) => `{{user \`${name}\`}}`,
  // Packer takes no value with `{{` for a variable of a legacy template: assertSecretsCarriable.
  formatSecret: (name) => `{{user \`${name}\`}}`,
  closeText: (escaped) => escaped.replace(/\{$/, '{{`{`}}'),
};

export const hcl2Dialect: Dialect = {
  escapeText: (text) => escapeHclTemplate(escapeGoTemplate(text)),
  formatVariable: (name) => `\${var.${name}}`,
  formatSecret: (name) => `\${replace(var.${name}, "{{", "{{\`{{\`}}")}`,
  closeText: (escaped) => escaped.replace(/[$%]+$/, (run) => `\${"${run}"}`).replace(/\{$/, '{{`{`}}'),
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
  if (isExpression(settings)) return encodeExpression(settings, dialect);
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([key, value]) => [dialect.escapeText(key), encodeSettings(value, dialect)]));
}

function encodeExpression(expression: Expression | JoinedText, dialect: Dialect): string {
  switch (expression.kind) {
    case 'variable':
      return dialect.formatVariable(expression.text);
    case 'secret':
      return dialect.formatSecret(expression.text);
    case 'packer':
      return expression.text;
    case 'joined':
      return expression.parts.map((part, index) => encodePart(part, index, { expression, dialect })).join('');
  }
}

function encodePart(
  part: string | Expression,
  index: number,
  { expression, dialect }: { readonly expression: JoinedText; readonly dialect: Dialect },
): string {
  if (typeof part !== 'string') return encodeExpression(part, dialect);
  const escaped = dialect.escapeText(part);
  return index === expression.parts.length - 1 ? escaped : dialect.closeText(escaped);
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
