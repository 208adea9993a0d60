// Which schema a source or a provisioner is held to is decided here, by its name, before ajv sees it: a union would
// report every mistake once for each member that was not meant.
import type { ConfigPath } from './config-path.js';
import { optionsValidators, sourceValidators, validateConfigShape } from './generated/validators.js';
import { findNearest } from './nearest.js';
import { quoteValue } from './printable.js';
import { draftProblem, type ProblemDraft } from './problem.js';
import type { SchemaError, SchemaValidator } from './schema-validator.js';

/** What one validator had to say about the value at `path`. */
export interface ShapeCheck {
  readonly path: ConfigPath;
  readonly value: unknown;
  readonly errors: readonly SchemaError[];
}

export interface ShapeChecks {
  readonly checks: readonly ShapeCheck[];
  /** Sources and provisioners for which no schema could be chosen. */
  readonly problems: readonly ProblemDraft[];
}

/** How a value may be shown, and whether it may be at all: it may have come from a secret or from the environment. */
export interface ValueShower {
  readonly showValue: (path: ConfigPath, value: unknown) => string;
  readonly isShowable: (path: ConfigPath) => boolean;
}

/** Holds `config` to the schema and fills defaults into it. */
export function checkShape(config: unknown, shower: ValueShower): ShapeChecks {
  const checks = [runValidator(validateConfigShape, config, [])];
  const problems: ProblemDraft[] = [];
  for (const [name, image] of Object.entries(ownObject(ownObject(config)['images']))) {
    const path = ['images', name];
    const { source, provisioners } = ownObject(image);
    if (isObject(source)) collect(checkSource(source, [...path, 'source']), checks, problems);
    if (!Array.isArray(provisioners)) continue;
    for (const [index, entry] of provisioners.entries()) {
      collect(checkProvisioner(entry, [...path, 'provisioners', index], shower), checks, problems);
    }
  }
  return { checks, problems };
}

function collect(outcome: ShapeCheck | ProblemDraft | undefined, checks: ShapeCheck[], problems: ProblemDraft[]): void {
  if (outcome === undefined) return;
  if ('errors' in outcome) checks.push(outcome);
  else problems.push(outcome);
}

function checkSource(source: Readonly<Record<string, unknown>>, path: ConfigPath): ShapeCheck | ProblemDraft {
  const kinds = Object.keys(sourceValidators);
  const given = kinds.filter((kind) => Object.hasOwn(source, kind));
  const [kind] = given;
  const validator = kind === undefined ? undefined : sourceValidators[kind];
  if (validator !== undefined && given.length === 1) return withoutMissingOwners(runValidator(validator, source, path));
  const keys = Object.keys(source);
  const near = given.length === 0 && keys[0] !== undefined ? findNearest(keys[0], kinds) : undefined;
  const what = given.length > 1 ? given.join(' and ') : keys.length > 0 ? quoteValue(keys.join(', ')) : 'none';
  return draftProblem('CONFIG_SOURCE_KIND', { path, target: 'key' }, [what, near]);
}

/** Missing owners are reported by the rule sourceHasOwners, which also says why they matter. */
function withoutMissingOwners(check: ShapeCheck): ShapeCheck {
  const errors = check.errors.filter((error) => error.params['missingProperty'] !== 'owners');
  return { ...check, errors };
}

/** A bare name has its options checked too, as none: it may have required ones. */
function checkProvisioner(entry: unknown, path: ConfigPath, shower: ValueShower): ShapeCheck | ProblemDraft {
  if (typeof entry === 'string') return checkOptions({ name: entry, options: {}, path }, shower);
  if (!isObject(entry)) return draftProblem('CONFIG_PROVISIONER_SHAPE', { path }, [shower.showValue(path, entry)]);
  const [name, ...others] = Object.keys(entry);
  if (name === undefined || others.length > 0) {
    const given = name === undefined ? 'an empty mapping' : `a mapping of ${others.length + 1} keys`;
    return draftProblem('CONFIG_PROVISIONER_SHAPE', { path }, [given]);
  }
  // `- harden:` with nothing after it means no options.
  const options = entry[name] ?? {};
  entry[name] = options;
  return checkOptions({ name, options, path: [...path, name] }, shower);
}

interface NamedOptions {
  readonly name: string;
  readonly options: unknown;
  readonly path: ConfigPath;
}

function checkOptions({ name, options, path }: NamedOptions, shower: ValueShower): ShapeCheck | ProblemDraft {
  const validator = optionsValidators.get(name);
  if (validator) return runValidator(validator, options, path);
  const known = [...optionsValidators.keys()];
  const near = shower.isShowable(path) ? findNearest(name, known) : undefined;
  const shown = shower.showValue(path, name);
  return draftProblem('CONFIG_PROVISIONER_UNKNOWN', { path, target: 'key' }, [shown, near, known.join(', ')]);
}

function runValidator(validator: SchemaValidator, value: unknown, path: ConfigPath): ShapeCheck {
  const isValid = validator(value);
  return { path, value, errors: isValid ? [] : (validator.errors ?? []) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function ownObject(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}
