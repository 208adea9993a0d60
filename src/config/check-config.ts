import { checkShape, type ShapeCheck, type ValueShower } from './check-shape.js';
import { coerceReferences } from './coerce-references.js';
import type { BuildimgConfig, PartialConfig } from './config-input.js';
import { type ConfigPath, pathKey } from './config-path.js';
import type { ConfigSource } from './config-source.js';
import { draftSchemaProblem } from './draft-schema-problem.js';
import { expandReferences, type Origin } from './expand-references.js';
import { inspectPaths } from './inspect-paths.js';
import { createMask } from './mask-secrets.js';
import { quoteValue } from './printable.js';
import type { ProblemDraft } from './problem.js';
import { readVariables } from './read-variables.js';
import { checkRules } from './rules/check-rules.js';
import { findSecretLiterals } from './secret-literals.js';
import { findMisplacedSecrets, listSecretUses, type SecretUse } from './secret-uses.js';
import { takeOutMistakes } from './take-out-mistakes.js';

export interface CheckRequest {
  /** Absolute folder of the config. */
  readonly root: string;
  readonly given: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** See read-variables.ts. */
  readonly standIn?: (name: string) => string;
}

export interface CheckedConfig {
  /** To be used only when there are no problems. */
  readonly config: BuildimgConfig;
  readonly problems: readonly ProblemDraft[];
  /** Values to mask. */
  readonly secrets: readonly string[];
  readonly secretUses: readonly SecretUse[];
}

/** Replaces references in what was parsed, and finds every mistake in it: of shape, and of what belongs together. */
export async function checkConfig(source: ConfigSource, request: CheckRequest): Promise<CheckedConfig> {
  const { variables, secrets: ofVariables, problems: variableProblems } = readVariables(source.value, request);
  if (source.value === undefined) {
    return { config: {} as BuildimgConfig, problems: source.problems, secrets: ofVariables, secretUses: [] };
  }
  const expanded = expandReferences(source.value, { variables, environment: request.environment });
  const secretUses = listSecretUses(expanded.origins);
  const shower = makeValueShower(expanded.origins);

  const shape = checkShapeOf(expanded.value, expanded.origins, shower);
  const sourceOf = (path: ConfigPath) => {
    const span = source.locate(path, 'value');
    return source.text.slice(span.start, span.end);
  };
  const shapeProblems = shape.checks.flatMap(({ errors, ...place }) =>
    errors.flatMap((error) => draftSchemaProblem(error, { ...shower, ...place, sourceOf }) ?? []),
  );

  const textProblems = [...source.problems, ...variableProblems, ...expanded.problems];
  const earlier = [...textProblems, ...withoutConsequences([...shape.problems, ...shapeProblems], expanded.problems)];
  const sound = takeOutMistakes(expanded.value, earlier) as PartialConfig;
  const literals = findSecretLiterals(sound, shower);
  const values = [...ofVariables, ...secretUses.map(({ value }) => value), ...literals.map(({ value }) => value)];
  const secrets = [...new Set(values)];
  const mask = createMask(secrets);
  const pathFacts = await inspectPaths(sound, request.root);
  const problems = [
    ...earlier,
    ...findMisplacedSecrets(expanded.origins),
    ...literals.map(({ problem }) => problem),
    ...checkRules(sound, { ...shower, pathFacts, isSecret: (text) => mask(text) !== text }),
  ];
  return { config: expanded.value as BuildimgConfig, problems, secrets, secretUses };
}

/** A reference that stands for nothing breaks every pattern too; saying so once is enough. */
function withoutConsequences(problems: readonly ProblemDraft[], causes: readonly ProblemDraft[]) {
  const explained = new Set(causes.flatMap(({ place }) => ('path' in place ? [pathKey(place.path)] : [])));
  return problems.filter(({ place }) => !('path' in place && explained.has(pathKey(place.path))));
}

/** Twice, if the first look shows that numbers or booleans have come as the text of a reference. */
function checkShapeOf(value: unknown, origins: ReadonlyMap<string, Origin>, shower: ValueShower) {
  const first = checkShape(value, shower);
  const errorPlaces: readonly ShapeCheck[] = first.checks.filter(({ errors }) => errors.length > 0);
  return coerceReferences(errorPlaces, origins) ? checkShape(value, shower) : first;
}

function makeValueShower(origins: ReadonlyMap<string, Origin>): ValueShower {
  const findHidden = (path: ConfigPath) => {
    const origin = origins.get(pathKey(path));
    return origin?.isShowable === false ? origin : undefined;
  };
  return {
    showValue: (path, value) => quoteValue(findHidden(path)?.written ?? value),
    isShowable: (path) => findHidden(path) === undefined,
  };
}
