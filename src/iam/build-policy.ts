import type { ResolvedImage } from '../config/resolved-config.js';
import type { Grant } from './grant.js';
import { type GrantScope, listScopes } from './grant-scope.js';
import { grants } from './grants.js';
import { type PolicyDocument, packStatements, type Statement } from './policy-document.js';

export interface BuildPolicyOptions {
  /** 12 digits; undefined: resources of any account, which only ever is the one that the policy is in. */
  readonly account?: string;
}

/**
 * The smallest policy that builds, resumes and reaps these images, as one document or, where that would be longer than
 * IAM takes, as few as possible. Pure.
 */
export function buildPolicy(
  images: readonly ResolvedImage[],
  { account }: BuildPolicyOptions = {},
): readonly PolicyDocument[] {
  const scopes = listScopes(images, account);
  const statements = scopes.flatMap((scope) => grants.flatMap((grant) => toStatement(grant, scope)));
  return packStatements(nameApart(dropCovered(joinAlike(statements))));
}

function toStatement(grant: Grant, scope: GrantScope): readonly Statement[] {
  if (grant.builder !== undefined && grant.builder !== scope.builder) return [];
  const resources = grant.resources(scope);
  if (resources.length === 0) return [];
  const condition = grant.condition?.(scope);
  return [
    {
      Sid: grant.sid,
      Effect: 'Allow',
      Action: grant.actions,
      Resource: resources,
      ...(condition === undefined ? {} : { Condition: condition }),
    },
  ];
}

/** Statements of several regions or builders that say the same of different resources. */
function joinAlike(statements: readonly Statement[]): readonly Statement[] {
  const joined = new Map<string, Statement>();
  for (const statement of statements) {
    const { Resource = [], ...rest } = statement;
    const key = JSON.stringify(rest);
    const resources = [...new Set([...(joined.get(key)?.Resource ?? []), ...Resource])];
    joined.set(key, { ...statement, Resource: resources });
  }
  return [...joined.values()];
}

/** Whoever may share images of runs need not be told that they may change them. */
function dropCovered(statements: readonly Statement[]): readonly Statement[] {
  return statements.filter(
    (statement, index) =>
      !statements.some(
        (other, place) => place !== index && covers(other, statement) && (place < index || !covers(statement, other)),
      ),
  );
}

function covers(wide: Statement, narrow: Statement): boolean {
  const isSameCase =
    wide.Condition === undefined || JSON.stringify(wide.Condition) === JSON.stringify(narrow.Condition);
  return isSameCase && hasAll(wide.Action, narrow.Action) && hasAll(wide.Resource, narrow.Resource);
}

function hasAll(all: readonly string[] = [], some: readonly string[] = []): boolean {
  return some.every((each) => all.includes(each));
}

/** A Sid stands once in a policy. */
function nameApart(statements: readonly Statement[]): readonly Statement[] {
  const counts = new Map<string, number>();
  return statements.map((statement) => {
    const count = (counts.get(statement.Sid) ?? 0) + 1;
    counts.set(statement.Sid, count);
    return count === 1 ? statement : { ...statement, Sid: `${statement.Sid}${count}` };
  });
}
