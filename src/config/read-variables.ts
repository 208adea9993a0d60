import { expandReferences, type Variable } from './expand-references.js';
import { findNearest } from './nearest.js';
import { draftProblem, type ProblemDraft } from './problem.js';

export interface ReadVariables {
  readonly variables: ReadonlyMap<string, Variable>;
  readonly problems: readonly ProblemDraft[];
  /** Values of variables marked secret. */
  readonly secrets: readonly string[];
}

interface VariableSources {
  /** From --var, by name. */
  readonly given: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The value of a secret variable that has none, for commands that write no secret anyway. */
  readonly standIn?: (name: string) => string;
}

/** The variables that a config declares, with their values. Tolerant: what is wrong in shape, the schema reports. */
export function readVariables(config: unknown, { given, environment, standIn }: VariableSources): ReadVariables {
  const declared = new Map(entriesOf(findOwn(config, 'variables')));
  const variables = new Map<string, Variable>();
  for (const [name, declaration] of declared) {
    // Anything but a plain no keeps the value hidden: in YAML 1.2, `secret: yes` is a string.
    const secret = findOwn(declaration, 'secret');
    const isDeclared = secret !== undefined && secret !== false;
    const fallback = expandDefault(findOwn(declaration, 'default'), environment);
    const isGiven = Object.hasOwn(given, name);
    const isSecret = isDeclared || (secret === undefined && !isGiven && fallback.isSecret);
    const value = isGiven ? given[name] : (fallback.value ?? (isSecret ? standIn?.(name) : undefined));
    variables.set(name, { ...(value !== undefined && { value }), isSecret });
  }
  const problems = Object.keys(given)
    .filter((name) => !declared.has(name))
    .map((name) =>
      draftProblem('CONFIG_VARIABLE_NOT_DECLARED', { path: ['variables'], target: 'key' }, [
        name,
        findNearest(name, declared.keys()),
      ]),
    );
  return { variables, problems, secrets: listSecrets(variables) };
}

/** Only the environment: a default that stood for another variable could go in circles. */
function expandDefault(
  value: unknown,
  environment: VariableSources['environment'],
): { readonly value?: string; readonly isSecret: boolean } {
  if (typeof value !== 'string') return { isSecret: false };
  const expanded = expandReferences(value, { variables: new Map(), environment });
  const isSecret = [...expanded.origins.values()].some(({ secrets }) => secrets.length > 0);
  return { ...(expanded.problems.length === 0 && { value: expanded.value as string }), isSecret };
}

function listSecrets(variables: ReadonlyMap<string, Variable>): readonly string[] {
  const values = [...variables.values()]
    .filter((variable) => variable.isSecret)
    .map((variable) => variable.value ?? '');
  return [...new Set(values)].filter((value) => value !== '');
}

function entriesOf(value: unknown): readonly [string, unknown][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

function findOwn(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}
