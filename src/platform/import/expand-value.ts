import { type LegacyTemplate, replaceVariables } from './legacy-template.js';

/** Variables by their defaults; those that must be given by their names, which is the same on both sides. */
export function expandValue(value: unknown, { template }: { readonly template: LegacyTemplate }): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  let expanded = text;
  // A variable's default may be another's; what refers to itself stops after a few rounds.
  for (let round = 0; round < 5; round += 1) {
    const next = replaceVariables(expanded, (name) => template.variables.get(name) ?? `<${name}>`);
    if (next === expanded) break;
    expanded = next;
  }
  return expanded.replaceAll(/\{\{`((?:[^`])*)`\}\}/g, '$1').replaceAll(/\{\{\s*env\s+[`"][^`"]*[`"]\s*\}\}/g, '');
}
