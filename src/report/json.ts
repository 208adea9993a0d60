import type { Finding, PolicyName, Severity } from '../scan/finding.js';
import type { NotEvaluated } from '../scan/scan-tree.js';
import type { TreeGap } from '../scan/tree/file-tree.js';
import type { Waiver } from '../scan/waivers.js';
import { getCheck } from './describe-check.js';
import type { FailOn, ReportTool, ScanReport } from './scan-report.js';

/**
 * What `--format json` prints. Fields are added, never renamed or removed, as long as `format` stays the same. Names of
 * files are as in the target, with `\xNN` for bytes that are not UTF-8; secrets in messages are masked.
 */
export interface JsonReport {
  readonly format: 'buildimg-scan/1';
  readonly tool: ReportTool;
  /** ISO 8601, UTC. */
  readonly scannedAt: string;
  readonly target: string;
  readonly policy: PolicyName;
  readonly failOn: FailOn;
  /** Whether a finding is of `failOn` or worse, or a place of the system was not read; the exit code is 5 then. */
  readonly failing: boolean;
  readonly os: { readonly id: string; readonly versionId: string; readonly name: string };
  readonly counts: Readonly<Record<Severity, number>>;
  /** Worst first. */
  readonly findings: readonly JsonFinding[];
  readonly waived: readonly (JsonFinding & { readonly reason: string; readonly expires: string })[];
  /** Waivers that expired or that fit nothing. */
  readonly waiverNotes: readonly (Waiver & { readonly note: string })[];
  readonly notEvaluated: readonly (NotEvaluated & { readonly title: string })[];
  /** What could not be read; `failing` where that alone makes the scan fail. */
  readonly gaps: readonly JsonGap[];
}

interface JsonGap extends Pick<TreeGap, 'path' | 'reason'> {
  readonly failing?: true;
}

export interface JsonFinding extends Finding {
  readonly title: string;
  readonly remedy: string;
}

/** The JSON report, without a line end. */
export function renderJsonReport(report: ScanReport): string {
  return JSON.stringify(toJsonReport(report), undefined, 2);
}

function toJsonReport({ result, failOn, isFailing, failingGaps = [], scannedAt, tool }: ScanReport): JsonReport {
  const { id, versionId, prettyName } = result.os;
  return {
    format: 'buildimg-scan/1',
    tool,
    scannedAt: scannedAt.toISOString(),
    target: result.target,
    policy: result.policy,
    failOn,
    failing: isFailing,
    os: { id, versionId, name: prettyName },
    counts: result.counts,
    findings: result.findings.map(describe),
    waived: result.waived.map((finding) => ({
      ...describe(finding),
      reason: finding.reason,
      expires: finding.expires,
    })),
    waiverNotes: result.waiverNotes.map(({ waiver, note }) => ({ ...waiver, note })),
    notEvaluated: result.notEvaluated.map((each) => ({ ...each, title: getCheck(each.check).title })),
    gaps: result.gaps.map((gap) => ({
      path: gap.path,
      reason: gap.reason,
      ...(failingGaps.includes(gap) ? { failing: true } : {}),
    })),
  };
}

function describe({ check, severity, message, path, line }: Finding): JsonFinding {
  const { title, remedy } = getCheck(check);
  return {
    check,
    severity,
    title,
    message,
    ...(path === undefined ? {} : { path }),
    ...(line === undefined ? {} : { line }),
    remedy,
  };
}
