// JSON 1.1: times are seconds since 1970, bytes are base64. AWS ignores a member that it does not know; here it is refused, since
// it may be one that AWS knows and this version of the SDK does not.

import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from './aws-error.js';
import { listRequiredMembers } from './operation.js';

/**
 * Reads a JSON request as the input of an operation.
 *
 * @throws AwsError SerializationException, ValidationException
 */
export function readJsonInput(schema: NormalizedSchema, text: string): Record<string, unknown> {
  const json = parseJson(text);
  if (schema.isUnitSchema()) return {};
  return readJsonValue(schema, json, '') as Record<string, unknown>;
}

/** Reads a JSON object of these members; which of them must be there is not asked. */
export function readJsonMembers(members: Members, json: unknown): Record<string, unknown> {
  const object = assertObject(json, '');
  const known = [...members];
  assertKnown(
    object,
    known.map(([name]) => name),
    '',
  );
  const struct: Record<string, unknown> = {};
  for (const [name, schema] of known) {
    const value = Object.hasOwn(object, name) ? object[name] : undefined;
    if (value !== undefined && value !== null) struct[name] = readJsonValue(schema, value, name);
  }
  return struct;
}

/** Some members of an output as a JSON object. */
export function writeJsonMembers(members: Members, output: unknown): Record<string, unknown> {
  const struct: Record<string, unknown> = {};
  for (const [name, schema] of members) {
    const value = (output as Readonly<Record<string, unknown>> | undefined)?.[name];
    if (value !== undefined) struct[name] = writeJsonValue(schema, value);
  }
  return struct;
}

type Members = Iterable<readonly [name: string, schema: NormalizedSchema, ...rest: unknown[]]>;

/** Writes an operation's output as JSON. */
export function writeJsonOutput(schema: NormalizedSchema, output: unknown): string {
  return JSON.stringify(schema.isUnitSchema() || output === undefined ? {} : writeJsonValue(schema, output));
}

export function parseJson(text: string): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new AwsError('SerializationException', 'The request is not valid JSON');
  }
}

/** Reads one JSON value into the type its schema asks for. */
export function readJsonValue(schema: NormalizedSchema, json: unknown, path: string): unknown {
  if (schema.isStructSchema()) return readStruct(schema, assertObject(json, path), path);
  if (schema.isListSchema()) {
    if (!Array.isArray(json)) throw wrongType(path, 'a list');
    return json.map((item, index) => readJsonValue(schema.getValueSchema(), item, `${path}.${index + 1}.member`));
  }
  if (schema.isMapSchema()) {
    const entries = Object.entries(assertObject(json, path));
    return Object.fromEntries(
      entries.map(([key, value]) => [key, readJsonValue(schema.getValueSchema(), value, path)]),
    );
  }
  return readJsonScalar(schema, json, path);
}

function readJsonScalar(schema: NormalizedSchema, json: unknown, path: string): unknown {
  if (schema.isBooleanSchema()) return assertType(json, 'boolean', path);
  if (schema.isNumericSchema()) return assertType(json, 'number', path);
  if (schema.isTimestampSchema()) return new Date(Number(assertType(json, 'number', path)) * 1000);
  if (schema.isBlobSchema()) return Buffer.from(String(assertType(json, 'string', path)), 'base64');
  if (schema.isStringSchema()) return assertType(json, 'string', path);
  return json;
}

function readStruct(schema: NormalizedSchema, json: Readonly<Record<string, unknown>>, path: string): unknown {
  const struct: Record<string, unknown> = {};
  const members = [...schema.structIterator()];
  assertKnown(
    json,
    members.map(([name]) => name),
    path,
  );
  for (const [member, memberSchema] of members) {
    const value = Object.hasOwn(json, member) ? json[member] : undefined;
    if (value === undefined || value === null) continue;
    struct[member] = readJsonValue(memberSchema, value, path === '' ? member : `${path}.${member}`);
  }
  assertRequired(schema, struct);
  return struct;
}

function assertKnown(json: object, names: readonly string[], path: string): void {
  const unknown = Object.keys(json).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const name = path === '' ? unknown : `${path}.${unknown}`;
  throw new AwsError('ValidationException', `The sandbox does not have the parameter ${name}`);
}

/**
 * Refuses an input that lacks a member that it must have.
 *
 * @throws AwsError ValidationException
 */
export function assertRequired(schema: NormalizedSchema, struct: Readonly<Record<string, unknown>>): void {
  const missing = listRequiredMembers(schema).find((member) => struct[member] === undefined);
  if (missing === undefined) return;
  const name = missing.charAt(0).toLowerCase() + missing.slice(1);
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value null at '${name}' failed to satisfy constraint: Member must not be null`,
  );
}

/** One value as JSON; the reverse of readJsonValue. */
export function writeJsonValue(schema: NormalizedSchema, value: unknown): unknown {
  if (schema.isTimestampSchema() && value instanceof Date) return value.getTime() / 1000;
  if (schema.isBlobSchema()) return Buffer.from(value as Uint8Array).toString('base64');
  if (schema.isListSchema()) {
    return (value as readonly unknown[]).map((item) => writeJsonValue(schema.getValueSchema(), item));
  }
  if (schema.isMapSchema()) {
    const entries = Object.entries(value as Record<string, unknown>);
    return Object.fromEntries(entries.map(([key, item]) => [key, writeJsonValue(schema.getValueSchema(), item)]));
  }
  if (!schema.isStructSchema()) return value;
  return writeJsonMembers(schema.structIterator(), value);
}

function assertObject(json: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw wrongType(path, 'an object');
  return json as Readonly<Record<string, unknown>>;
}

function assertType(json: unknown, type: 'boolean' | 'number' | 'string', path: string): unknown {
  if (typeof json !== type) throw wrongType(path, `a ${type}`);
  return json;
}

function wrongType(path: string, expected: string): AwsError {
  return new AwsError('SerializationException', `${path === '' ? 'The request' : path} must be ${expected}`);
}
