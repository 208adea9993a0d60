// Text files come from templates/, by Handlebars with its teeth drawn: only each, if and the quoting helpers; strict, so
// that a misspelt name fails; no prototype access. Nothing is escaped on its own, since only the template's author knows
// which language a value lands in.
import Handlebars from 'handlebars';
import { createError } from '../errors.js';
import { quoteCode, quoteEnvironment, quoteHcl, quoteHtml, quoteJson, quoteShell, quoteYaml } from './quote.js';

/** File name in templates/ → text. */
export type TextTemplates = ReadonlyMap<string, string>;

/** Renders the template `name` with `values`. Throws TEMPLATE_INVALID. */
export function renderText(templates: TextTemplates, name: string, values: object): string {
  const text = templates.get(name);
  if (text === undefined) throw createError('TEMPLATE_INVALID', [name, 'there is none of that name']);
  try {
    return compile(text)(withoutPrototypes(values));
  } catch (error) {
    throw createError('TEMPLATE_INVALID', [name, error instanceof Error ? error.message : String(error)], {
      cause: error,
    });
  }
}

/** Strict mode looks names up with `in`, which a prototype answers as well: `constructor` would be found in any object. */
function withoutPrototypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPrototypes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.assign(
    Object.create(null),
    Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutPrototypes(each)])),
  );
}

const handlebars = Handlebars.create();
for (const helper of Object.keys(handlebars.helpers)) {
  if (!['each', 'if', 'helperMissing', 'blockHelperMissing'].includes(helper)) handlebars.unregisterHelper(helper);
}
handlebars.registerHelper({
  shell: (value: unknown) => quoteShell(String(value)),
  json: (value: unknown) => quoteJson(value),
  yaml: (value: unknown) => quoteYaml(String(value)),
  hcl: (value: unknown) => quoteHcl(String(value)),
  html: (value: unknown) => quoteHtml(String(value)),
  code: (value: unknown) => quoteCode(String(value)),
  env: (value: unknown) => quoteEnvironment(String(value)),
});

/** Compiled once a text, for as long as the program runs: a thousand images share one README template. */
const compiled = new Map<string, HandlebarsTemplateDelegate>();

function compile(text: string): HandlebarsTemplateDelegate {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  const template = handlebars.compile(text, {
    strict: true,
    noEscape: true,
    knownHelpersOnly: true,
    knownHelpers: {
      shell: true,
      json: true,
      yaml: true,
      hcl: true,
      html: true,
      code: true,
      env: true,
      unless: false,
      with: false,
      log: false,
      lookup: false,
    },
  });
  compiled.set(text, template);
  return template;
}
