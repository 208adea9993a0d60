import { type Severity, severities } from '../config/scan-names.js';
import type { ScanReport } from './scan-report.js';

/** The result in one line: `4 findings: 1 critical, 3 high · 2 waived · fails from high on`. */
export function summarizeScan({ result, failOn, isFailing }: ScanReport): string {
  const { findings, waived, notEvaluated, gaps, counts } = result;
  return [
    findings.length === 0 ? formatCounts(counts) : `${countOf(findings.length, 'finding')}: ${formatCounts(counts)}`,
    ...(waived.length === 0 ? [] : [`${waived.length} waived`]),
    ...(notEvaluated.length === 0 ? [] : [`${countOf(notEvaluated.length, 'check')} not evaluated`]),
    ...(gaps.length === 0 ? [] : [`${countOf(gaps.length, 'place')} not read`]),
    describeVerdict({ failOn, isFailing }),
  ].join(' · ');
}

/** `1 high, 3 low`, or `no findings`. */
export function formatCounts(counts: Readonly<Record<Severity, number>>): string {
  const parts = severities.filter((severity) => counts[severity] > 0).map((each) => `${counts[each]} ${each}`);
  return parts.length === 0 ? 'no findings' : parts.join(', ');
}

/** `passes (fails from high on)` */
export function describeVerdict({ failOn, isFailing }: Pick<ScanReport, 'failOn' | 'isFailing'>): string {
  if (failOn === 'none') return 'passes whatever is found';
  return isFailing ? `fails: ${failOn} or worse` : `passes: nothing of ${failOn} or worse`;
}

/** `1 place`, `2 places` */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
