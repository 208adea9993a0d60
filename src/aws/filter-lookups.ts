import type { Filter } from '@aws-sdk/client-ec2';
import { compileGlob } from '../lib/globs/compile-glob.js';
import { batchLookups, type Lookup } from './batch-lookups.js';
import type { LookupTurns } from './lookup-turns.js';

/** What a Describe call found, and the values by which it may have been found. */
export interface Described<T> {
  readonly item: T;
  /** Filter name → values. */
  readonly fields: Readonly<Record<string, readonly (string | undefined)[]>>;
}

/** Finds by one filter; values are alternatives and may hold `*` and `?`. */
export type FilterLookup<T> = (filter: string, values: readonly string[], caller: string) => Promise<readonly T[]>;

/** EC2 takes 200 values a filter. */
const MAX_VALUES = 100;

/**
 * Lookups by filter, each filter's values of all builds joined in one call. By filter and never by id parameter: an id that
 * is gone, or not there yet, makes the whole call fail (InvalidInstanceID.NotFound), a value without a match does not.
 */
export function createFilterLookup<T>(
  describe: (filter: Filter) => Promise<readonly Described<T>[]>,
  turnsOf: () => LookupTurns,
): FilterLookup<T> {
  const lookups = new Map<string, Lookup<readonly T[]>>();

  async function ask(name: string, values: readonly string[]): Promise<ReadonlyMap<string, readonly T[]>> {
    const found = await describe({ Name: name, Values: [...values] });
    return new Map(
      values.map((value) => {
        const isMatch = compileGlob(value, {});
        const matching = found.filter(({ fields }) =>
          (fields[name] ?? []).some((field) => field !== undefined && isMatch(field)),
        );
        return [value, matching.map(({ item }) => item)];
      }),
    );
  }

  return async (filter, values, caller) => {
    const lookup =
      lookups.get(filter) ??
      batchLookups({ ask: (asked) => ask(filter, asked), maxKeys: MAX_VALUES, turns: turnsOf() });
    lookups.set(filter, lookup);
    const found = await Promise.all(values.map((value) => lookup(value, caller)));
    return [...new Set(found.flatMap((items) => items ?? []))];
  };
}
