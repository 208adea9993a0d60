// IAM's evaluation of identity policies, as far as statements use it: an Allow that matches, and no Deny that does.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
import type { Access } from './access.js';
import { holdsCondition } from './evaluate-condition.js';
import { matchesPattern } from './match-pattern.js';

export interface PolicyStatement {
  /** Its Sid, or its place. */
  readonly name: string;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Operator → key → values. */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** The statements by which an access is allowed; none when it is not. */
export function findAllowing(statements: readonly PolicyStatement[], access: Access): readonly PolicyStatement[] {
  const matching = statements.filter((statement) => matches(statement, access));
  return matching.every(({ effect }) => effect === 'Allow') ? matching : [];
}

function matches({ actions, resources, conditions }: PolicyStatement, access: Access): boolean {
  return (
    actions.some((pattern) => matchesPattern(pattern.toLowerCase(), access.action.toLowerCase())) &&
    resources.some((pattern) => matchesPattern(pattern, access.resource)) &&
    Object.entries(conditions).every(([operator, wanted]) => holdsCondition(operator, wanted, access.keys))
  );
}
