// The query protocols' requests: one reader for every operation, driven by the SDK's schemas. EC2's dialect flattens
// lists (`ImageId.1`) and has names of its own for members; the other services write `Names.member.1`.

import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from './aws-error.js';
import type { FormNode } from './form-tree.js';
import { listRequiredMembers } from './operation.js';
import { readScalar } from './scalar.js';

export type QueryDialect = 'ec2' | 'aws';

/**
 * Reads the parameters of a request as the input of an operation.
 *
 * @throws AwsError UnknownParameter, MissingParameter, InvalidParameterValue
 */
export function readQueryInput(
  schema: NormalizedSchema,
  form: FormNode,
  dialect: QueryDialect,
): Record<string, unknown> {
  return schema.isUnitSchema() ? {} : readStruct(schema, form, { dialect, path: '' });
}

interface Position {
  readonly dialect: QueryDialect;
  /** The parameter's full name so far, with a dot at its end unless it is empty. */
  readonly path: string;
}

function readNode(schema: NormalizedSchema, node: FormNode, at: Position): unknown {
  if (schema.isStructSchema()) return readStruct(schema, assertNoValue(node, at), at);
  if (schema.isListSchema()) return readList(schema, assertNoValue(node, at), at);
  if (schema.isMapSchema()) return readMap(schema, assertNoValue(node, at), at);
  const [unknown] = node.children.keys();
  if (unknown !== undefined) throw unknownParameter(`${at.path}${unknown}`);
  return readScalar(schema, node.value ?? '', nameOf(at));
}

function readStruct(schema: NormalizedSchema, node: FormNode, at: Position): Record<string, unknown> {
  const rest = new Map(node.children);
  const struct: Record<string, unknown> = {};
  for (const [member, memberSchema] of schema.structIterator()) {
    const key = nameMember(member, memberSchema, at.dialect);
    const child = rest.get(key);
    if (child === undefined) continue;
    rest.delete(key);
    struct[member] = readNode(memberSchema, child, { ...at, path: `${at.path}${key}.` });
  }
  const [unknown] = rest.keys();
  if (unknown !== undefined) throw unknownParameter(`${at.path}${unknown}`);
  assertRequired(schema, struct, at);
  return struct;
}

function readList(schema: NormalizedSchema, node: FormNode, at: Position): unknown[] {
  const itemSchema = schema.getValueSchema();
  const isFlat = at.dialect === 'ec2' || Boolean(schema.getMergedTraits().xmlFlattened);
  const itemName = itemSchema.getMergedTraits().xmlName ?? 'member';
  const items = isFlat ? node : (node.children.get(itemName) ?? { children: new Map() });
  return [...items.children]
    .map(([index, child]) => ({ index: readIndex(index, at), child }))
    .sort((one, other) => one.index - other.index)
    .map(({ index, child }) => readNode(itemSchema, child, { ...at, path: `${at.path}${index}.` }));
}

function readMap(schema: NormalizedSchema, node: FormNode, at: Position): Record<string, unknown> {
  const isFlat = at.dialect === 'ec2' || Boolean(schema.getMergedTraits().xmlFlattened);
  const entries = isFlat ? node : (node.children.get('entry') ?? { children: new Map() });
  const keyName = schema.getKeySchema().getMergedTraits().xmlName ?? 'key';
  const valueName = schema.getValueSchema().getMergedTraits().xmlName ?? 'value';
  const pairs = [...entries.children.values()].map((entry): [string, unknown] => {
    const value = entry.children.get(valueName) ?? { value: '', children: new Map() };
    return [entry.children.get(keyName)?.value ?? '', readNode(schema.getValueSchema(), value, at)];
  });
  return Object.fromEntries(pairs);
}

/** How a member is called in a request: EC2 capitalises what has no name of its own. */
function nameMember(member: string, schema: NormalizedSchema, dialect: QueryDialect): string {
  const traits = schema.getMergedTraits();
  if (dialect === 'aws') return traits.xmlName ?? member;
  if (typeof traits.ec2QueryName === 'string') return traits.ec2QueryName;
  const name = traits.xmlName ?? member;
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function readIndex(text: string, at: Position): number {
  if (!/^\d{1,6}$/.test(text)) throw unknownParameter(`${at.path}${text}`);
  return Number(text);
}

function assertNoValue(node: FormNode, at: Position): FormNode {
  if (node.value === undefined) return node;
  const message = `Value (${node.value}) for parameter ${nameOf(at)} is invalid: it has parts of its own`;
  throw new AwsError('InvalidParameterValue', message);
}

function assertRequired(schema: NormalizedSchema, struct: Record<string, unknown>, at: Position): void {
  const missing = listRequiredMembers(schema).find((member) => struct[member] === undefined);
  if (missing === undefined) return;
  const name = `${at.path}${nameMember(missing, schema.getMemberSchema(missing), at.dialect)}`;
  throw new AwsError('MissingParameter', `The request must contain the parameter ${name}`);
}

function nameOf(at: Position): string {
  return at.path.replace(/\.$/, '');
}

function unknownParameter(name: string): AwsError {
  return new AwsError('UnknownParameter', `The parameter ${name} is not recognized`);
}
