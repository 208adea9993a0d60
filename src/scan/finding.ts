// What a scan says: one finding is one check that one place of the target did not pass.

import type { PolicyName, Severity } from '../config/scan-names.js';

export type { PolicyName, Severity } from '../config/scan-names.js';

/** One row of the catalogue: data about a check, apart from the code that evaluates it. */
export interface Check {
  /** For example `SSH-001`; the ids of docs/checks.md. */
  readonly id: string;
  readonly title: string;
  /** Why it matters, one or two sentences. */
  readonly why: string;
  /** Where the demand comes from: AWS Marketplace policy, CIS, AWS shared-AMI guidelines, … */
  readonly source: string;
  /** What to do about it. */
  readonly remedy: string;
  readonly policies: readonly PolicyName[];
  readonly severity: Severity;
  /** Severity under a policy, where it differs from `severity`. */
  readonly severityIn?: Partial<Readonly<Record<PolicyName, Severity>>>;
}

export interface Finding {
  readonly check: string;
  readonly severity: Severity;
  /** What is wrong here, with the value; secrets already masked. */
  readonly message: string;
  readonly path?: string;
  /** From 1. */
  readonly line?: number;
}
