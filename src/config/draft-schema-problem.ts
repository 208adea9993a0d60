import type { ValueShower } from './check-shape.js';
import type { ConfigPath } from './config-path.js';
import { findValue, parsePointer } from './config-path.js';
import { findNearest } from './nearest.js';
import { quoteValue, toPrintable } from './printable.js';
import { draftProblem, type ProblemDraft } from './problem.js';
import type { SchemaError } from './schema-validator.js';

export interface SchemaProblemContext extends ValueShower {
  /** The value that the validator was given. */
  readonly value: unknown;
  /** Where that value stands in the config. */
  readonly path: ConfigPath;
  /** The value as it stands in the text, so that a hint can say what to put in quotes. */
  readonly sourceOf: (path: ConfigPath) => string | undefined;
}

/** What ajv found, in words; undefined for errors that only repeat another one. */
export function draftSchemaProblem(error: SchemaError, context: SchemaProblemContext): ProblemDraft | undefined {
  const path = [...context.path, ...parsePointer(error.instancePath, context.value)];
  if (error.keyword === 'propertyNames') return undefined;
  if (error.propertyName !== undefined) return draftKeyName(error, path, error.propertyName);
  const value = error.data ?? findValue(context.value, parsePointer(error.instancePath, context.value));
  const shown = () => context.showValue(path, value);
  switch (error.keyword) {
    case 'additionalProperties':
      return draftUnknownKey(error, path);
    case 'required':
      return draftProblem('CONFIG_REQUIRED', { path, target: 'key' }, [String(error.params['missingProperty'])]);
    case 'type':
      return draftType(error, path, { ...context, value });
    case 'enum':
      // A wrong type is reported as that.
      if (typeof value !== (error.parentSchema?.['type'] === 'integer' ? 'number' : 'string')) return undefined;
      return draftEnum(error, path, { shown: shown(), word: context.isShowable(path) ? value : undefined });
    case 'pattern':
      return draftProblem('CONFIG_PATTERN', { path }, [shown(), patternText(error)]);
    default:
      return draftLimit(error, path, { shown: shown(), value });
  }
}

function draftLimit(error: SchemaError, path: ConfigPath, { shown, value }: { shown: string; value: unknown }) {
  const limit = Number(error.params['limit']);
  switch (error.keyword) {
    case 'minimum':
      return draftProblem('CONFIG_RANGE', { path }, [shown, `at least ${limit}`]);
    case 'maximum':
      return draftProblem('CONFIG_RANGE', { path }, [shown, `at most ${limit}`]);
    case 'minLength':
      return draftProblem('CONFIG_LENGTH', { path }, [limit === 1 ? 'May not be empty' : `Needs ${limit} characters`]);
    case 'maxLength':
      return draftProblem('CONFIG_LENGTH', { path }, [`Has ${String(value).length} characters; the limit is ${limit}`]);
    case 'minItems':
    case 'minProperties':
      return draftProblem('CONFIG_LENGTH', { path, target: 'key' }, ['Needs at least one entry']);
    case 'maxItems':
    case 'maxProperties':
      return draftProblem('CONFIG_LENGTH', { path, target: 'key' }, [`Has more than ${limit} entries`]);
    default:
      return draftProblem('CONFIG_PATTERN', { path }, [shown, `it breaks the rule "${error.keyword}"`]);
  }
}

function draftKeyName(error: SchemaError, path: ConfigPath, key: string): ProblemDraft {
  return draftProblem('CONFIG_KEY_NAME', { path: [...path, key], target: 'key' }, [
    quoteValue(key),
    patternText(error),
  ]);
}

function draftUnknownKey(error: SchemaError, path: ConfigPath): ProblemDraft {
  const key = String(error.params['additionalProperty']);
  const known = Object.keys(error.parentSchema?.['properties'] ?? {});
  const near = findNearest(key, known);
  const place = { path: [...path, key], target: 'key' } as const;
  return draftProblem('CONFIG_UNKNOWN_KEY', place, [quoteValue(key), near, known.join(', ')]);
}

function draftType(error: SchemaError, path: ConfigPath, context: SchemaProblemContext): ProblemDraft {
  // Several where a value may be written in two ways.
  const expected = [error.params['type']].flat().map(String);
  const { value } = context;
  const isUnquoted = expected.includes('string') && (typeof value === 'number' || typeof value === 'boolean');
  // As written and not as read: 1.10 has been read as 1.1, and 012345678901 as 12345678901.
  const written = isUnquoted ? (context.sourceOf(path) ?? String(value)) : '';
  const hint = isUnquoted ? `write it in quotes: "${written.replace(/^["']|["']$/g, '')}"` : undefined;
  return draftProblem('CONFIG_TYPE', { path }, [
    expected.map(describeType).join(' or '),
    describeValueType(value),
    hint,
  ]);
}

interface EnumValue {
  readonly shown: string;
  readonly word: unknown;
}

function draftEnum(error: SchemaError, path: ConfigPath, { shown, word }: EnumValue): ProblemDraft {
  const allowed = (error.params['allowedValues'] ?? []) as readonly unknown[];
  const near = typeof word === 'string' ? findNearest(word, allowed.map(String)) : undefined;
  return draftProblem('CONFIG_ENUM', { path }, [shown, allowed.map(String).join(', '), near]);
}

function patternText(error: SchemaError): string {
  const text = error.parentSchema?.['patternErrorMessage'];
  if (typeof text === 'string') return text;
  const description = error.parentSchema?.['description'];
  return typeof description === 'string'
    ? toPrintable(description)
    : `it has to match ${String(error.params['pattern'])}`;
}

function describeType(type: string): string {
  if (type === 'object') return 'a mapping';
  if (type === 'array') return 'a list';
  if (type === 'boolean') return 'true or false';
  return type === 'integer' ? 'a whole number' : `a ${type}`;
}

function describeValueType(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  return `a ${typeof value}`;
}
