// SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), with what GitHub code scanning reads of it: help,
// security-severity, partialFingerprints, suppressions.

import type { Check, Finding, Severity } from '../scan/finding.js';
import { findSeverity } from '../scan/policies.js';
import { allChecks } from '../scan/rules/catalogue.js';
import type { ScanResult } from '../scan/scan-tree.js';
import type { WaivedFinding } from '../scan/waivers.js';
import { createFingerprinter } from './fingerprint.js';
import type { ScanReport } from './scan-report.js';

/** Every path of a result is relative to this: the root of the target. */
const ROOT_ID = 'TARGET';

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
};

/** GitHub calls 9.0 and over critical, 7.0 high, 4.0 medium, and the rest low. */
const SCORES: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '2.0',
  info: '0.1',
};

/** The SARIF log, without a line end. */
export function renderSarif(report: ScanReport): string {
  const { result, scannedAt, tool } = report;
  const checks = allChecks.filter((check) => check.policies.includes(result.policy));
  const ruleIndex = new Map(checks.map((check, index) => [check.id, index]));
  const fingerprint = createFingerprinter();
  const toResult = (finding: Finding) => ({
    ruleId: finding.check,
    ruleIndex: ruleIndex.get(finding.check) ?? -1,
    level: LEVELS[finding.severity],
    message: { text: finding.message },
    locations: [{ physicalLocation: toPhysicalLocation(finding) }],
    partialFingerprints: { 'buildimgFinding/v1': fingerprint(finding) },
    properties: { severity: finding.severity },
  });
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: tool.name,
            semanticVersion: tool.version,
            rules: checks.map((check) => toRule(check, result)),
          },
        },
        automationDetails: { id: `${tool.name}/${result.policy}/` },
        invocations: [
          {
            executionSuccessful: true,
            endTimeUtc: scannedAt.toISOString(),
            toolExecutionNotifications: listNotifications(report, ruleIndex),
          },
        ],
        originalUriBaseIds: { [ROOT_ID]: { description: { text: `The root of ${result.target}` } } },
        columnKind: 'utf16CodeUnits',
        results: [
          ...result.findings.map(toResult),
          ...result.waived.map((finding) => ({ ...toResult(finding), suppressions: [toSuppression(finding)] })),
        ],
        properties: { target: result.target, policy: result.policy, os: result.os.prettyName },
      },
    ],
  };
  return JSON.stringify(log, undefined, 2);
}

function toRule(check: Check, { policy }: ScanResult) {
  const severity = findSeverity(check, policy) ?? check.severity;
  return {
    id: check.id,
    shortDescription: { text: check.title },
    fullDescription: { text: check.why },
    help: {
      text: `${check.remedy}\n\nWhy: ${check.why}\nSource: ${check.source}`,
      markdown: `${check.remedy}\n\n**Why:** ${check.why}\n\n**Source:** ${check.source}`,
    },
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { tags: ['security'], precision: 'high', 'security-severity': SCORES[severity], severity },
  };
}

/** A finding about the target as a whole stands at its root: GitHub takes no result without a place, nor without a line. */
function toPhysicalLocation({ path, line = 1 }: Finding) {
  return {
    artifactLocation: { uri: path === undefined ? './' : toRelativeUri(path), uriBaseId: ROOT_ID },
    region: { startLine: line },
  };
}

/** `/etc/a b` → `etc/a%20b`. */
function toRelativeUri(path: string): string {
  const segments = path.replaceAll(/\p{Cs}/gu, '\ufffd').split('/');
  const relative = segments.filter((segment) => segment !== '').map(encodeURIComponent);
  return relative.length === 0 ? './' : relative.join('/');
}

function toSuppression({ reason, expires }: WaivedFinding) {
  return { kind: 'external', status: 'accepted', justification: `${reason} (until ${expires})` };
}

function listNotifications({ result, failingGaps = [] }: ScanReport, ruleIndex: ReadonlyMap<string, number>) {
  const { gaps, notEvaluated, waiverNotes } = result;
  return [
    ...gaps.map((gap) => ({
      level: failingGaps.includes(gap) ? 'error' : 'warning',
      message: { text: `Not read: ${gap.reason}` },
      locations: [{ physicalLocation: { artifactLocation: { uri: toRelativeUri(gap.path), uriBaseId: ROOT_ID } } }],
    })),
    ...notEvaluated.map(({ check, reason }) => ({
      level: 'note',
      message: { text: `${check} was not evaluated: ${reason}` },
      associatedRule: { id: check, index: ruleIndex.get(check) ?? -1 },
    })),
    ...waiverNotes.map(({ waiver, note }) => ({
      level: 'warning',
      message: { text: `Waiver of ${waiver.check}${waiver.path === undefined ? '' : ` at ${waiver.path}`}: ${note}` },
    })),
  ];
}
