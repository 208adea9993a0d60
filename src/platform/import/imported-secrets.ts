// What looks like a secret in a template is asked for instead of carried: as a variable of the config with `secret: true`.
import { findSecrets, findSecretsInSetting, isSecretName } from '../../scan/rules/secrets/find-secrets.js';
import { expandValue } from './expand-value.js';
import type { ImportDesk } from './imported.js';
import { toReferences } from './imported-text.js';
import type { LegacyTemplate } from './legacy-template.js';

/** What stands in place of a secret where something is shown. */
const SHOWN = '***';

/** Settings of a builder that are secrets by what they are for: never in a config, nor in a file of any kind. */
export const SECRET_KEYS: ReadonlySet<string> = new Set([
  'access_key',
  'secret_key',
  'token',
  'mfa_code',
  'ssh_password',
  'winrm_password',
]);

/** The environment of a step as a config has it: a literal secret becomes a secret variable of the same name. */
export function importEnvironmentValue(name: string, value: string, desk: ImportDesk): string {
  const references = toReferences(value);
  // Whatever holds a reference is judged where it comes from.
  if (references !== value || findSecretsInSetting(name, value).length === 0) return references;
  return askFor(name, value, desk);
}

/** A reference to a new secret variable of the config. */
export function askFor(name: string, value: string, desk: ImportDesk): string {
  const { secrets, notes } = desk;
  const variable = findFreeName(name.toLowerCase(), value, desk);
  secrets.set(variable, value);
  notes.push(`${name} holds what looks like a secret; the config asks for it as the secret variable ${variable}`);
  return `\${var:${variable}}`;
}

function findFreeName(name: string, value: string, desk: ImportDesk): string {
  const isFree = !desk.variableNames.has(name) && [undefined, value].includes(desk.secrets.get(name));
  return isFree ? name : findFreeName(`${name}_2`, value, desk);
}

/** Whether a variable of the template is a secret: Packer was told so, or its name or its default says so. */
export function isSecretVariable(name: string, { variables, sensitive }: LegacyTemplate): boolean {
  const value = variables.get(name);
  return sensitive.has(name) || isSecretName(name) || (value !== undefined && findSecrets(value).length > 0);
}

/** Every value of the template that nobody may see: to be masked in whatever is shown. */
export function listSecretValues(template: LegacyTemplate): readonly string[] {
  const ofVariables = [...template.variables]
    .filter(([name]) => isSecretVariable(name, template))
    .map(([, value]) => value ?? '');
  const ofBuilders = template.builders.flatMap((builder) =>
    [...SECRET_KEYS].flatMap((key) => (builder[key] === undefined ? [] : [expandValue(builder[key], { template })])),
  );
  return [...ofVariables, ...ofBuilders].filter((value) => value !== '' && !value.includes('{{'));
}

/** A setting or a step of a template as it may be shown. */
export function showSetting(where: string, value: string): string {
  const name = where.split('.').at(-1) ?? where;
  return SECRET_KEYS.has(name) || name === 'user_data' || findSecretsInSetting(name, value).length > 0 ? SHOWN : value;
}
