import { renderText as renderTemplate, type TextTemplates } from '../render/text-template.js';
import type { Finding, Severity } from '../scan/finding.js';
import { policyDescriptions, severities } from '../scan/policies.js';
import type { ScanResult } from '../scan/scan-tree.js';
import { getCheck } from './describe-check.js';
import { groupFindings } from './group-findings.js';
import type { ScanReport } from './scan-report.js';
import { showText } from './show-text.js';
import { describeVerdict } from './summarize.js';

const TEMPLATE = 'scan-report.html.hbs';

/** Drawing units of the bars; the page scales them. */
const BAR = { width: 400, height: 14, step: 24 } as const;

/**
 * One page that needs nothing beside it, and runs no script; without a line end.
 * Errors: TEMPLATE_INVALID for a template of the user's own.
 */
export function renderHtml(report: ScanReport, templates: TextTemplates): string {
  const { result, isFailing, scannedAt, tool } = report;
  const page = renderTemplate(templates, TEMPLATE, {
    target: showText(result.target),
    system: showText(result.os.prettyName),
    policy: result.policy,
    policyDescription: policyDescriptions[result.policy],
    scannedAt: scannedAt.toISOString(),
    tool: `${tool.name} ${tool.version}`,
    verdict: describeVerdict(report),
    verdictClass: isFailing ? 'fail' : 'pass',
    bars: listBars(result),
    chartHeight: BAR.step * severities.length,
    groups: listGroups(result),
    hasFindings: result.findings.length > 0,
    ...listAppendices(result),
  });
  return page.trimEnd();
}

function listBars({ counts }: ScanResult) {
  const most = Math.max(1, ...severities.map((severity) => counts[severity]));
  return severities.map((severity, index) => ({
    severity,
    count: counts[severity],
    width: barWidth(counts[severity], most),
    y: index * BAR.step + 4,
    textY: index * BAR.step + 15,
    countX: barWidth(counts[severity], most) + 78,
  }));
}

/** The logarithm, so that three hundred notes do not hide the one critical finding. */
function barWidth(count: number, most: number): number {
  return count === 0 ? 0 : Math.max(3, Math.round((Math.log(count + 1) / Math.log(most + 1)) * (BAR.width - 130)));
}

function listGroups({ findings }: ScanResult) {
  return groupFindings(findings).flatMap(({ severity, checks }) =>
    checks.map(({ check, findings: own }) => ({
      severity,
      isOpen: isSerious(severity),
      id: check.id,
      title: check.title,
      why: check.why,
      source: check.source,
      remedy: check.remedy,
      count: own.length,
      places: own.map((finding) => ({ path: showPlace(finding), message: showText(finding.message) })),
    })),
  );
}

function isSerious(severity: Severity): boolean {
  return severity === 'critical' || severity === 'high';
}

function listAppendices({ waived, waiverNotes, notEvaluated, gaps }: ScanResult) {
  return {
    waived: waived.map((finding) => ({
      check: finding.check,
      path: showPlace(finding),
      reason: showText(finding.reason),
      expires: finding.expires,
    })),
    waiverNotes: waiverNotes.map(({ waiver, note }) => ({ check: showText(waiver.check), note: showText(note) })),
    notEvaluated: notEvaluated.map(({ check, reason }) => ({ check, title: getCheck(check).title, reason })),
    gaps: gaps.map(({ path, reason }) => ({ path: showText(path), reason: showText(reason) })),
  };
}

function showPlace({ path, line }: Finding): string {
  if (path === undefined) return '';
  return `${showText(path)}${line === undefined ? '' : `:${line}`}`;
}
