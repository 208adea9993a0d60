import { findSecrets, isSecretName } from '../scan/rules/secrets/find-secrets.js';
import type { ConfigPath } from './config-path.js';
import { pathKey } from './config-path.js';
import { copyData } from './copy-data.js';
import { findNearest } from './nearest.js';
import { quoteValue } from './printable.js';
import { draftProblem, type ProblemDraft } from './problem.js';

export interface Variable {
  readonly value?: string;
  readonly isSecret: boolean;
}

export interface ReferenceValues {
  readonly variables: ReadonlyMap<string, Variable>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface ExpandedConfig {
  readonly value: unknown;
  readonly problems: readonly ProblemDraft[];
  /** By path key: the text as written, of each string that held a reference, and whether its value may be shown. */
  readonly origins: ReadonlyMap<string, Origin>;
}

export interface Origin {
  readonly path: ConfigPath;
  readonly written: string;
  /** False when an environment variable (which nobody declared harmless) or a secret went into the value. */
  readonly isShowable: boolean;
  /** The secrets that went into the value, in their order. */
  readonly secrets: readonly SecretValue[];
}

/** A secret that a reference stands for. */
export interface SecretValue {
  /** Of the variable: that of the config, or that of the environment. */
  readonly name: string;
  readonly value: string;
}

/** `${env:NAME}`, `${env:NAME:-default}`, `${var:NAME}`; a `$` more in front keeps the text as it is. */
const REFERENCE = /(?<escape>\$)?\$\{(?<kind>env|var):(?<body>[^}]*)(?<end>\})?/g;
const NAME = /^(?<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?<fallback>[\s\S]*))?$/;

/** Replaces references in every string below `value`; nothing else that contains `$` is touched. */
export function expandReferences(value: unknown, values: ReferenceValues): ExpandedConfig {
  const origins = new Map<string, Origin>();
  const references: ProblemDraft[] = [];
  const { value: expanded, problems } = copyData(value, (text, path) => {
    if (!text.includes('${')) return text;
    let isShowable = true;
    let isChanged = false;
    const secrets: SecretValue[] = [];
    const replaced = text.replace(REFERENCE, (whole, ...rest) => {
      const groups = rest.at(-1) as ReferenceGroups;
      if (groups.escape) return whole.slice(1);
      isChanged = true;
      const found = findReferenceValue(groups, values);
      if ('value' in found) {
        isShowable &&= found.isShowable;
        if (found.secret !== undefined) secrets.push(found.secret);
        return found.value;
      }
      references.push(found.problem(path));
      return whole;
    });
    if (isChanged) origins.set(pathKey(path), { path, written: text, isShowable, secrets });
    return replaced;
  });
  return { value: expanded, problems: [...problems, ...references], origins };
}

interface ReferenceGroups {
  readonly escape?: string;
  readonly kind: 'env' | 'var';
  readonly body: string;
  readonly end?: string;
}

type FoundValue =
  | { readonly value: string; readonly isShowable: boolean; readonly secret?: SecretValue }
  | { readonly problem: (path: ConfigPath) => ProblemDraft };

function findReferenceValue({ kind, body, end }: ReferenceGroups, values: ReferenceValues): FoundValue {
  const { name, fallback } = NAME.exec(body)?.groups ?? {};
  if (name === undefined || end === undefined || (kind === 'var' && fallback !== undefined)) {
    const text = `\${${kind}:${body}${end ?? ''}`;
    return { problem: (path) => draftProblem('CONFIG_REFERENCE', { path }, [quoteValue(text)]) };
  }
  return kind === 'env' ? findEnvironmentValue(name, fallback, values) : findVariableValue(name, values);
}

/** As a shell does: the default also stands for an empty value. */
function findEnvironmentValue(
  name: string,
  fallback: string | undefined,
  { environment }: ReferenceValues,
): FoundValue {
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  if (fallback !== undefined && (value === undefined || value === '')) return { value: fallback, isShowable: true };
  if (value !== undefined)
    return { value, isShowable: false, ...(isSecret(name, value) && { secret: { name, value } }) };
  return { problem: (path) => draftProblem('CONFIG_ENVIRONMENT_MISSING', { path }, [name]) };
}

/** Nobody declares what the environment holds, so the name or the value has to say it. */
function isSecret(name: string, value: string): boolean {
  return value !== '' && (isSecretName(name) || findSecrets(value).length > 0);
}

function findVariableValue(name: string, { variables }: ReferenceValues): FoundValue {
  const variable = variables.get(name);
  if (variable === undefined) {
    const near = findNearest(name, variables.keys());
    // The hint for the message comes as a second value.
    return { problem: (path) => draftVariableUnknown(path, name, near) };
  }
  if (variable.value === undefined) {
    return { problem: (path) => draftProblem('CONFIG_VARIABLE_MISSING', { path }, [name]) };
  }
  const { value, isSecret } = variable;
  return { value, isShowable: !isSecret, ...(isSecret && { secret: { name, value } }) };
}

function draftVariableUnknown(path: ConfigPath, name: string, near: string | undefined): ProblemDraft {
  return draftProblem('CONFIG_VARIABLE_UNKNOWN', { path }, [name, near]);
}
