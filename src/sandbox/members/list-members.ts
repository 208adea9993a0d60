import type { NormalizedSchema } from '@smithy/core/schema';
import { isRule, type Rule, type RuleTable } from './member-rules.js';

/** A member of an action's input that has no parts of its own, and what the sandbox does with it. */
export interface Member {
  /** `BlockDeviceMappings.Ebs.VolumeSize`: lists are not told apart from what is in them. */
  readonly path: string;
  readonly schema: NormalizedSchema;
  readonly rule: Rule | { readonly rule: 'refused' };
}

/** Every member of an input by the SDK's schema. A structure inside itself is a member without parts. */
export function listMembers(input: NormalizedSchema, table: RuleTable): readonly Member[] {
  return input.isUnitSchema() ? [] : listBelow(input, table, { path: '', outer: [] });
}

/** Rows of a table that name no member of the schema. */
export function listStrayRows(input: NormalizedSchema, table: RuleTable, path = ''): readonly string[] {
  const schema = unwrapLists(input);
  const members = new Map(schema.isStructSchema() ? schema.structIterator() : []);
  return Object.entries(table).flatMap(([name, row]) => {
    const member = members.get(name);
    const here = path === '' ? name : `${path}.${name}`;
    if (member === undefined) return [here];
    return row === undefined || isRule(row) ? [] : listStrayRows(member, row, here);
  });
}

interface Place {
  readonly path: string;
  /** The structures that this one is in. */
  readonly outer: readonly unknown[];
}

function listBelow(
  given: NormalizedSchema,
  row: Rule | RuleTable | undefined,
  { path, outer }: Place,
): readonly Member[] {
  const schema = unwrapLists(given);
  const isOpen = schema.isStructSchema() && !outer.includes(schema.getSchema());
  const parts = isOpen ? [...schema.structIterator()] : [];
  if (parts.length === 0) {
    return path === '' ? [] : [{ path, schema, rule: row !== undefined && isRule(row) ? row : { rule: 'refused' } }];
  }
  return parts.flatMap(([name, member]) =>
    listBelow(member, row === undefined || isRule(row) ? row : row[name], {
      path: path === '' ? name : `${path}.${name}`,
      outer: [...outer, schema.getSchema()],
    }),
  );
}

function unwrapLists(schema: NormalizedSchema): NormalizedSchema {
  return schema.isListSchema() ? unwrapLists(schema.getValueSchema()) : schema;
}
