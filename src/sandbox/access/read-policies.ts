import { createError } from '../../errors.js';
import { isKnownOperator } from './evaluate-condition.js';
import type { PolicyStatement } from './evaluate-policy.js';

/**
 * The statements of a policy document, or of a list of them, which count together. What cannot be evaluated here is
 * refused rather than passed over. Errors: SANDBOX_POLICY_INVALID.
 */
export function readPolicies(policies: unknown): readonly PolicyStatement[] {
  const documents: readonly unknown[] = Array.isArray(policies) ? policies : [policies];
  return documents.flatMap((document) => {
    const { Statement: statements } = asObject(document, 'a policy is an object with Statement');
    if (statements === undefined) throw refuse('a policy is an object with Statement');
    return asList(statements).map((statement, index) => readStatement(statement, index));
  });
}

function readStatement(statement: unknown, index: number): PolicyStatement {
  const { Effect, Action, Resource, Condition = {}, Sid, ...others } = asObject(statement, 'a statement is an object');
  const [stranger] = Object.keys(others);
  const name = typeof Sid === 'string' ? Sid : `statement ${index + 1}`;
  if (stranger !== undefined) throw refuse(`${name} has ${stranger}, which the sandbox does not evaluate`);
  if (Effect !== 'Allow' && Effect !== 'Deny') throw refuse(`the Effect of ${name} is Allow or Deny`);
  return {
    name,
    effect: Effect,
    actions: asStrings(Action, `the Action of ${name}`),
    resources: asStrings(Resource, `the Resource of ${name}`),
    conditions: readConditions(asObject(Condition, `the Condition of ${name} is an object`), name),
  };
}

function readConditions(conditions: Readonly<Record<string, unknown>>, name: string): PolicyStatement['conditions'] {
  return Object.fromEntries(
    Object.entries(conditions).map(([operator, keys]) => {
      if (!isKnownOperator(operator)) throw refuse(`${name} has ${operator}, which the sandbox does not evaluate`);
      const read = Object.entries(asObject(keys, `${operator} of ${name} is an object`)).map(
        ([key, values]) => [key, asStrings(values, `${key} of ${name}`)] as const,
      );
      return [operator, Object.fromEntries(read)];
    }),
  );
}

function asObject(value: unknown, rule: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse(rule);
  return value as Readonly<Record<string, unknown>>;
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function asStrings(value: unknown, what: string): readonly string[] {
  const list = asList(value).map((each) => (typeof each === 'boolean' ? String(each) : each));
  if (list.length > 0 && list.every((each) => typeof each === 'string')) return list;
  throw refuse(`${what} is a text or a list of texts`);
}

function refuse(reason: string): Error {
  return createError('SANDBOX_POLICY_INVALID', [reason]);
}
