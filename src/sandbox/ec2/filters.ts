import type { Filter } from '@aws-sdk/client-ec2';
import { compileGlob } from '../../lib/globs/compile-glob.js';
import { AwsError } from '../wire/aws-error.js';
import type { Tags } from '../world/records.js';

/** What a filter name stands for: the values of a record that it is held against. */
export type FilterFields<R> = Readonly<Record<string, (record: R) => readonly (string | undefined)[]>>;

/**
 * Keeps the records that every filter matches. A filter matches when one of its values does; `*` and `?` are wildcards.
 *
 * @throws AwsError InvalidParameterValue for a filter name that is not in `fields`
 */
export function applyFilters<R extends object>(
  records: readonly R[],
  filters: readonly Filter[] | undefined,
  fields: FilterFields<R>,
): readonly R[] {
  const tests = (filters ?? []).map((filter) => createTest(filter, fields));
  return records.filter((record) => tests.every((test) => test(record)));
}

function createTest<R extends object>(
  { Name: name = '', Values: values = [] }: Filter,
  fields: FilterFields<R>,
): (record: R) => boolean {
  const field = findField(name, fields);
  if (field === undefined) throw new AwsError('InvalidParameterValue', `The filter '${name}' is invalid`);
  const patterns = values.map((value) => compileGlob(value, { hasEscapes: true }));
  return (record) => field(record).some((value) => value !== undefined && patterns.some((test) => test(value)));
}

function findField<R extends object>(name: string, fields: FilterFields<R>): FilterFields<R>[string] | undefined {
  if (name === 'tag-key') return (record) => Object.keys(tagsOf(record));
  if (name === 'tag-value') return (record) => Object.values(tagsOf(record));
  if (name.startsWith('tag:')) return (record) => [tagsOf(record)[name.slice(4)]];
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function tagsOf(record: object): Tags {
  return (record as { readonly tags?: Tags }).tags ?? {};
}
