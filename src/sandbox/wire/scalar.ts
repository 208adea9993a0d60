import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from './aws-error.js';

/**
 * Reads one value as text into the type its schema asks for: string, number, boolean, Date or bytes.
 *
 * @param path the parameter's name as the client wrote it, for the error
 * @throws AwsError InvalidParameterValue
 */
export function readScalar(schema: NormalizedSchema, text: string, path: string): unknown {
  if (schema.isStringSchema()) return text;
  if (schema.isBooleanSchema()) return readBoolean(text, path);
  if (schema.isNumericSchema()) return readNumber(text, path);
  if (schema.isBigIntegerSchema()) return BigInt(readNumber(text, path));
  if (schema.isTimestampSchema()) return readTimestamp(text, path);
  if (schema.isBlobSchema()) return Buffer.from(text, 'base64');
  throw refuse(text, path, 'a value is not expected here');
}

/** Writes a scalar as text for XML; the reverse of readScalar. */
export function writeScalar(schema: NormalizedSchema, value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (schema.isBlobSchema()) return Buffer.from(value as Uint8Array).toString('base64');
  return String(value);
}

function readBoolean(text: string, path: string): boolean {
  const lower = text.toLowerCase();
  if (lower === 'true' || lower === '1') return true;
  if (lower === 'false' || lower === '0') return false;
  throw refuse(text, path, 'it must be true or false');
}

function readNumber(text: string, path: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) throw refuse(text, path, 'it must be a number');
  return number;
}

function readTimestamp(text: string, path: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw refuse(text, path, 'it must be an ISO 8601 time');
  return date;
}

function refuse(text: string, path: string, reason: string): AwsError {
  return new AwsError('InvalidParameterValue', `Value (${text}) for parameter ${path} is invalid: ${reason}`);
}
