import { AwsError } from '../wire/aws-error.js';
import { isRule, type Rule, type RuleTable } from './member-rules.js';

/** The codes by which a service says that it lacks a parameter, and that a value is none of a parameter's. */
export interface RefusalCodes {
  readonly parameter: string;
  readonly value: string;
  readonly status?: number;
}

/**
 * Refuses an input with a member that has no row in the action's table, or a value that is not in its row. Empty lists and
 * texts say nothing, as if they were not there.
 *
 * @throws AwsError with one of `codes`, or with the code of the row
 */
export function assertMembers(
  { name, members }: { readonly name: string; readonly members: RuleTable },
  input: unknown,
  codes: RefusalCodes,
): void {
  const found = findRefusal(members, input, '');
  if (found === undefined) return;
  const { row, path, value } = found;
  if (row === undefined) {
    throw new AwsError(codes.parameter, `The sandbox does not have the parameter ${path} of ${name}`, codes.status);
  }
  if (row.rule === 'refused') throw new AwsError(row.code, row.message, codes.status);
  const allowed = `the sandbox has ${listValues(row)?.join(', ')}`;
  throw new AwsError(
    codes.value,
    `Value (${String(value)}) for parameter ${path} is invalid: ${allowed}`,
    codes.status,
  );
}

interface Refusal {
  /** Undefined: there is none. */
  readonly row: Rule | undefined;
  readonly path: string;
  readonly value: unknown;
}

function findRefusal(row: Rule | RuleTable | undefined, value: unknown, path: string): Refusal | undefined {
  if (isEmpty(value)) return undefined;
  if (row === undefined) return { row, path, value };
  if (Array.isArray(value)) return findFirst(value, (item) => findRefusal(row, item, path));
  if (isRule(row)) return isAccepted(row, value) ? undefined : { row, path, value };
  return findFirst(Object.entries(value as object), ([member, inner]) =>
    findRefusal(
      Object.hasOwn(row, member) ? row[member] : undefined,
      inner,
      path === '' ? member : `${path}.${member}`,
    ),
  );
}

function findFirst<Item>(items: readonly Item[], find: (item: Item) => Refusal | undefined): Refusal | undefined {
  for (const item of items) {
    const refusal = find(item);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

function isAccepted(row: Rule, value: unknown): boolean {
  return row.rule !== 'refused' && (listValues(row)?.includes(value) ?? true);
}

function listValues(row: Rule): readonly unknown[] | undefined {
  if (row.rule === 'refused' || row.values === undefined) return undefined;
  return row.rule === 'done' ? [...row.values, ...(row.idle?.values ?? [])] : row.values;
}
