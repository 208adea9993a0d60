import type { Check, Finding, Severity } from '../scan/finding.js';
import { severities } from '../scan/policies.js';
import { getCheck } from './describe-check.js';

export interface SeverityGroup {
  readonly severity: Severity;
  readonly count: number;
  readonly checks: readonly CheckGroup[];
}

export interface CheckGroup {
  readonly check: Check;
  readonly findings: readonly Finding[];
}

/** Findings by severity, worst first, and by check; severities without findings are left out. */
export function groupFindings(findings: readonly Finding[]): readonly SeverityGroup[] {
  return severities.flatMap((severity) => {
    const own = findings.filter((finding) => finding.severity === severity);
    return own.length === 0 ? [] : [{ severity, count: own.length, checks: groupByCheck(own) }];
  });
}

function groupByCheck(findings: readonly Finding[]): readonly CheckGroup[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const group = groups.get(finding.check);
    if (group) group.push(finding);
    else groups.set(finding.check, [finding]);
  }
  return [...groups].map(([id, own]) => ({ check: getCheck(id), findings: own }));
}
