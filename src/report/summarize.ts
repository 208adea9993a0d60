import { type Severity, severities } from '../config/scan-names.js';
import { isFailing as hasFailingFinding } from '../scan/scan-tree.js';
import type { ScanReport } from './scan-report.js';

/** The result in one line: `4 findings: 1 critical, 3 high · 2 waived · fails from high on`. */
export function summarizeScan(report: ScanReport): string {
  const { result } = report;
  const { findings, waived, notEvaluated, gaps, counts } = result;
  return [
    findings.length === 0 ? formatCounts(counts) : `${countOf(findings.length, 'finding')}: ${formatCounts(counts)}`,
    ...(waived.length === 0 ? [] : [`${waived.length} waived`]),
    ...(notEvaluated.length === 0 ? [] : [`${countOf(notEvaluated.length, 'check')} not evaluated`]),
    ...(gaps.length === 0 ? [] : [`${countOf(gaps.length, 'place')} not read`]),
    describeVerdict(report),
  ].join(' · ');
}

/** `1 high, 3 low`, or `no findings`. */
export function formatCounts(counts: Readonly<Record<Severity, number>>): string {
  const parts = severities.filter((severity) => counts[severity] > 0).map((each) => `${counts[each]} ${each}`);
  return parts.length === 0 ? 'no findings' : parts.join(', ');
}

/** `fails: high or worse, 1 place of the system not read`, or `passes: nothing of high or worse`. */
export function describeVerdict({ result, failOn, isFailing, failingGaps = [] }: ScanReport): string {
  if (failOn === 'none') return 'passes whatever is found';
  if (!isFailing) return `passes: nothing of ${failOn} or worse`;
  const reasons = [
    ...(hasFailingFinding(result, failOn) ? [`${failOn} or worse`] : []),
    ...(failingGaps.length === 0 ? [] : [`${countOf(failingGaps.length, 'place')} of the system not read`]),
  ];
  return `fails: ${reasons.join(', ')}`;
}

/** `1 place`, `2 places` */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
