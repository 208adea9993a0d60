// Where the members of a REST operation travel: in the path, the query, headers, the status, or as the body. What is
// bound to none of them is the body's, which is JSON or XML and not looked at here.

import type { NormalizedSchema } from '@smithy/core/schema';
import { readScalar, writeScalar } from './scalar.js';

type Member = readonly [name: string, schema: NormalizedSchema];
type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface BoundInput {
  /** Members that were not in the body, and a payload of bytes or text. */
  readonly members: Record<string, unknown>;
  /** The structure that the body as a whole is. */
  readonly payload: Member | undefined;
  /** Members that the body holds. */
  readonly unbound: readonly Member[];
}

export interface RestRequest {
  readonly url: string;
  readonly headers: Headers;
  readonly body: Buffer;
}

/**
 * Reads the members of an input that are bound to parts of the request.
 *
 * @throws AwsError InvalidParameterValue
 */
export function readBindings(
  schema: NormalizedSchema,
  request: RestRequest,
  labels: Readonly<Record<string, string>>,
): BoundInput {
  const query = new URLSearchParams(request.url.split('?', 2)[1] ?? '');
  const members: Record<string, unknown> = {};
  const unbound: Member[] = [];
  let payload: Member | undefined;
  for (const [name, member] of schema.structIterator()) {
    const { httpLabel, httpQuery, httpHeader, httpPrefixHeaders, httpPayload, httpQueryParams } =
      member.getMergedTraits();
    if (httpPayload) {
      if (isPlainPayload(member)) members[name] = readPlainPayload(member, request.body);
      else payload = [name, member];
    } else if (httpLabel) members[name] = readText(member, labels[name], name);
    else if (httpQuery) members[name] = readList(member, query.getAll(httpQuery), httpQuery);
    else if (httpHeader) members[name] = readHeader(member, request.headers, httpHeader);
    else if (httpPrefixHeaders !== undefined) members[name] = readPrefixed(request.headers, httpPrefixHeaders);
    else if (httpQueryParams) members[name] = Object.fromEntries(query);
    else unbound.push([name, member]);
  }
  return { members: dropUndefined(members), payload, unbound };
}

export interface BoundOutput {
  readonly headers: Readonly<Record<string, string>>;
  /** Of a member that is bound to the status; otherwise the operation's own. */
  readonly status: number | undefined;
  /** Bytes or text that are the body as they are. */
  readonly body: Buffer | undefined;
  /** The structure that the body as a whole is, with its value. */
  readonly payload: readonly [...Member, unknown] | undefined;
  readonly unbound: readonly Member[];
}

/** Takes an output apart into headers, status and body. */
export function writeBindings(schema: NormalizedSchema, output: Readonly<Record<string, unknown>>): BoundOutput {
  const headers: Record<string, string> = {};
  const unbound: Member[] = [];
  let status: number | undefined;
  let body: Buffer | undefined;
  let payload: readonly [...Member, unknown] | undefined;
  for (const [name, member] of schema.structIterator()) {
    const { httpHeader, httpPrefixHeaders, httpPayload, httpResponseCode } = member.getMergedTraits();
    const value = output[name];
    const isBound = httpHeader ?? httpPrefixHeaders ?? httpPayload ?? httpResponseCode;
    if (isBound === undefined) unbound.push([name, member]);
    else if (value === undefined) continue;
    else if (httpHeader) headers[httpHeader] = writeHeader(member, value);
    else if (httpPrefixHeaders !== undefined) Object.assign(headers, writePrefixed(httpPrefixHeaders, value));
    else if (httpResponseCode) status = Number(value);
    else if (isPlainPayload(member)) body = Buffer.from(value as Uint8Array | string);
    else payload = [name, member, value];
  }
  return { headers, status, body, payload, unbound };
}

function isPlainPayload(member: NormalizedSchema): boolean {
  return member.isBlobSchema() || member.isStringSchema();
}

function readPlainPayload(member: NormalizedSchema, body: Buffer): Buffer | string | undefined {
  if (body.length === 0) return undefined;
  return member.isBlobSchema() ? body : body.toString('utf8');
}

function readText(schema: NormalizedSchema, text: string | undefined, path: string): unknown {
  return text === undefined ? undefined : readScalar(schema, text, path);
}

function readList(schema: NormalizedSchema, texts: readonly string[], path: string): unknown {
  if (!schema.isListSchema()) return readText(schema, texts[0], path);
  return texts.length === 0 ? undefined : texts.map((text) => readScalar(schema.getValueSchema(), text, path));
}

function readHeader(schema: NormalizedSchema, headers: Headers, name: string): unknown {
  const value = headers[name.toLowerCase()];
  const text = typeof value === 'string' ? value : value?.join(',');
  if (text === undefined || !schema.isListSchema()) return readText(schema, text, name);
  return readList(
    schema,
    text.split(',').map((part) => part.trim()),
    name,
  );
}

function readPrefixed(headers: Headers, prefix: string): Readonly<Record<string, string>> | undefined {
  const start = prefix.toLowerCase();
  const found = Object.entries(headers).filter(([name]) => name.startsWith(start));
  if (found.length === 0) return undefined;
  return Object.fromEntries(found.map(([name, value]) => [name.slice(start.length), String(value)]));
}

function writeHeader(schema: NormalizedSchema, value: unknown): string {
  if (schema.isListSchema()) {
    return (value as readonly unknown[]).map((item) => writeHeader(schema.getValueSchema(), item)).join(', ');
  }
  // Headers have the time as HTTP writes it, whatever a body would have.
  return value instanceof Date ? value.toUTCString() : writeScalar(schema, value);
}

function writePrefixed(prefix: string, values: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(values as Readonly<Record<string, string>>);
  return Object.fromEntries(entries.map(([name, value]) => [`${prefix}${name}`, value]));
}

function dropUndefined(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
