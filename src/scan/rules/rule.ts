import type { Check, PolicyName, Severity } from '../finding.js';
import type { RuleContext } from './context.js';

/** One place that does not pass a check; its severity comes from the policy unless the place is worse or better. */
export interface Fault {
  readonly check: string;
  readonly message: string;
  readonly path?: string | undefined;
  /** From 1. */
  readonly line?: number | undefined;
  readonly severity?: Severity | undefined;
}

/** Rows of the catalogue beside the code that decides them. */
export interface RuleGroup {
  readonly checks: readonly Check[];
  evaluate(context: RuleContext): AsyncIterable<Fault>;
}

/** A check that no look at the files can decide. */
export interface UndecidableCheck {
  readonly check: Check;
  readonly reason: string;
}

// What a policy takes in: shared adds to baseline, marketplace adds to shared, cis-l1 adds to baseline.
export const inEveryPolicy: readonly PolicyName[] = ['baseline', 'shared', 'marketplace', 'cis-l1'];
export const whenPublished: readonly PolicyName[] = ['shared', 'marketplace'];
export const forMarketplace: readonly PolicyName[] = ['marketplace'];
export const forCis: readonly PolicyName[] = ['cis-l1'];
