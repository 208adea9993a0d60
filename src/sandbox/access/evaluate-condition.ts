import type { ConditionKeys } from './access.js';
import { matchesPattern } from './match-pattern.js';

type Comparison = (wanted: string, actual: string) => boolean;

const isEqual: Comparison = (wanted, actual) => wanted === actual;

/** Without the negated ones; those are the same with `Not` in front of the comparison. */
const COMPARISONS: Readonly<Record<string, Comparison>> = {
  StringEquals: isEqual,
  StringEqualsIgnoreCase: (wanted, actual) => wanted.toLowerCase() === actual.toLowerCase(),
  StringLike: matchesPattern,
  ArnEquals: matchesPattern,
  ArnLike: matchesPattern,
  Bool: isEqual,
};

const OPERATOR = /^(?:(ForAllValues|ForAnyValue):)?(String|Arn)?(Not)?([A-Za-z]+?)(IfExists)?$/;

/** Whether the sandbox can evaluate an operator. */
export function isKnownOperator(operator: string): boolean {
  return operator === 'Null' || COMPARISONS[readOperator(operator).name] !== undefined;
}

/** Whether every key of one operator holds. Keys are joined by AND, the values of a key by OR. */
export function holdsCondition(
  operator: string,
  wanted: Readonly<Record<string, readonly string[]>>,
  keys: ConditionKeys,
): boolean {
  return Object.entries(wanted).every(([key, values]) => {
    const actual = findKey(key, keys);
    if (operator === 'Null') return values.includes(String(actual === undefined));
    const replaced = values.map((value) => replaceVariables(value, keys));
    return holdsKey(readOperator(operator), replaced, actual);
  });
}

interface Operator {
  readonly set: string | undefined;
  readonly name: string;
  readonly isNegated: boolean;
  readonly ifExists: boolean;
}

function readOperator(operator: string): Operator {
  const [, set, kind = '', not, rest = '', ifExists] = OPERATOR.exec(operator) ?? [];
  return { set, name: `${kind}${rest}`, isNegated: not !== undefined, ifExists: ifExists !== undefined };
}

function holdsKey(
  { set, name, isNegated, ifExists }: Operator,
  wanted: readonly string[],
  actual: readonly string[] | undefined,
): boolean {
  const compare = COMPARISONS[name] ?? (() => false);
  const holdsValue = (value: string) => wanted.some((each) => compare(each, value)) !== isNegated;
  // Nothing to say no: AWS takes ForAllValues of an absent key for true.
  if (set === 'ForAllValues') return (actual ?? []).every(holdsValue);
  if (actual === undefined) return ifExists || isNegated;
  return actual.some(holdsValue);
}

/** Keys know no case, but the part behind the slash, which is the key of a tag, does. */
function findKey(name: string, keys: ConditionKeys): readonly string[] | undefined {
  const [wanted, tag] = splitKey(name);
  const found = Object.entries(keys).find(([key]) => {
    const [prefix, rest] = splitKey(key);
    return prefix === wanted && rest === tag;
  })?.[1];
  return typeof found === 'string' ? [found] : found;
}

function splitKey(key: string): readonly [prefix: string, rest: string] {
  const [prefix = '', ...rest] = key.split('/');
  return [prefix.toLowerCase(), rest.join('/')];
}

function replaceVariables(value: string, keys: ConditionKeys): string {
  return value.replace(/\$\{([^}]+)\}/g, (_, name: string) => findKey(name, keys)?.[0] ?? '');
}
