import { severities } from '../config/scan-names.js';
import type { Check, Finding, PolicyName, Severity } from './finding.js';

export { severities } from '../config/scan-names.js';

export const policyDescriptions: Readonly<Record<PolicyName, string>> = {
  baseline: 'Every image: sealed, no credentials left, SSH by key only, boots on EC2',
  shared: 'baseline, and fit to be shared with other accounts or made public',
  marketplace: 'shared, and what AWS Marketplace asks of an AMI product',
  'cis-l1': 'baseline, and CIS-inspired controls of level 1; not a CIS benchmark result',
};

/** The severity of a check under a policy; undefined where the policy does not ask for it. */
export function findSeverity(check: Check, policy: PolicyName): Severity | undefined {
  if (!check.policies.includes(policy)) return undefined;
  return check.severityIn?.[policy] ?? check.severity;
}

/** Whether `severity` is `threshold` or worse. */
export function isAtLeast(severity: Severity, threshold: Severity): boolean {
  return severities.indexOf(severity) <= severities.indexOf(threshold);
}

/** Worst first, then by check, path, line and message, so that two scans of one target read the same. */
export function compareFindings(one: Finding, other: Finding): number {
  return (
    severities.indexOf(one.severity) - severities.indexOf(other.severity) ||
    compareText(one.check, other.check) ||
    compareText(one.path ?? '', other.path ?? '') ||
    (one.line ?? 0) - (other.line ?? 0) ||
    compareText(one.message, other.message)
  );
}

// Not localeCompare: the order must not depend on the machine.
function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
