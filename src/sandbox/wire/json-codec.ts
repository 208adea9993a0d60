// JSON 1.1: times are seconds since 1970, bytes are base64, unknown members are ignored as AWS does.

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
  return readValue(schema, json, '') as Record<string, unknown>;
}

/** Writes an operation's output as JSON. */
export function writeJsonOutput(schema: NormalizedSchema, output: unknown): string {
  return JSON.stringify(schema.isUnitSchema() || output === undefined ? {} : writeValue(schema, output));
}

function parseJson(text: string): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new AwsError('SerializationException', 'The request is not valid JSON');
  }
}

function readValue(schema: NormalizedSchema, json: unknown, path: string): unknown {
  if (schema.isStructSchema()) return readStruct(schema, assertObject(json, path), path);
  if (schema.isListSchema()) {
    if (!Array.isArray(json)) throw wrongType(path, 'a list');
    return json.map((item, index) => readValue(schema.getValueSchema(), item, `${path}.${index + 1}.member`));
  }
  if (schema.isMapSchema()) {
    const entries = Object.entries(assertObject(json, path));
    return Object.fromEntries(entries.map(([key, value]) => [key, readValue(schema.getValueSchema(), value, path)]));
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
  for (const [member, memberSchema] of schema.structIterator()) {
    const value = Object.hasOwn(json, member) ? json[member] : undefined;
    if (value === undefined || value === null) continue;
    struct[member] = readValue(memberSchema, value, path === '' ? member : `${path}.${member}`);
  }
  const missing = listRequiredMembers(schema).find((member) => struct[member] === undefined);
  if (missing === undefined) return struct;
  const name = missing.charAt(0).toLowerCase() + missing.slice(1);
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value null at '${name}' failed to satisfy constraint: Member must not be null`,
  );
}

function writeValue(schema: NormalizedSchema, value: unknown): unknown {
  if (schema.isTimestampSchema() && value instanceof Date) return value.getTime() / 1000;
  if (schema.isBlobSchema()) return Buffer.from(value as Uint8Array).toString('base64');
  if (schema.isListSchema()) {
    return (value as readonly unknown[]).map((item) => writeValue(schema.getValueSchema(), item));
  }
  if (schema.isMapSchema()) {
    const entries = Object.entries(value as Record<string, unknown>);
    return Object.fromEntries(entries.map(([key, item]) => [key, writeValue(schema.getValueSchema(), item)]));
  }
  if (!schema.isStructSchema()) return value;
  const struct: Record<string, unknown> = {};
  for (const [member, memberSchema] of schema.structIterator()) {
    const item = (value as Record<string, unknown>)[member];
    if (item !== undefined) struct[member] = writeValue(memberSchema, item);
  }
  return struct;
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
