import type { GrantScope } from './grant-scope.js';
import type { Condition } from './policy-document.js';

/** One reason to be allowed something; a statement of the policy. */
export interface Grant {
  /** Statement id: says what for, in letters. */
  readonly sid: string;
  readonly why: string;
  readonly actions: readonly string[];
  /** None: nothing of the scope needs it. */
  readonly resources: (scope: GrantScope) => readonly string[];
  readonly condition?: (scope: GrantScope) => Condition;
  /** Builders that need it; undefined: both. */
  readonly builder?: 'packer' | 'ec2';
}
