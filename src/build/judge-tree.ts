import type { ResolvedImage } from '../config/resolved-config.js';
import { type BuildimgError, createError } from '../errors.js';
import { groupFindings } from '../report/group-findings.js';
import { createScanReport, type ReportTool, type ScanReport } from '../report/scan-report.js';
import { showText } from '../report/show-text.js';
import { summarizeScan } from '../report/summarize.js';
import { isAtLeast } from '../scan/policies.js';
import { scanTree } from '../scan/scan-tree.js';
import type { FileTree, TreeGap } from '../scan/tree/file-tree.js';

export interface JudgeOptions {
  readonly image: Pick<ResolvedImage, 'scan'>;
  readonly tool: ReportTool;
  readonly now: Date;
  readonly signal: AbortSignal;
  /** The tree is of the build instance, and `seal` is still to come. */
  readonly isBeforeSeal?: boolean;
}

/** Evaluates what the image's config asks for over a tree. Errors: the reason of `signal`. */
export async function judgeTree(tree: FileTree, options: JudgeOptions): Promise<ScanReport> {
  const { image, tool, now, signal, isBeforeSeal = false } = options;
  const { policy, waivers } = image.scan;
  const result = await scanTree(tree, { policy, waivers, now, signal, isBeforeSeal });
  return createScanReport(result, image.scan, { scannedAt: now, tool });
}

const MAX_CHECKS = 12;
const MAX_PLACES = 3;

/** SCAN_FINDINGS with the findings that fail; `fate` says what became of the image. */
export function createFindingsError(
  report: ScanReport,
  { image, fate, reportFile }: { readonly image: string; readonly fate: string; readonly reportFile: string },
): BuildimgError {
  const { policy } = report.result;
  return createError('SCAN_FINDINGS', [image, policy, summarizeScan(report), listFailing(report), fate, reportFile]);
}

/** The findings and gaps that fail, with what to do about each; at most a screenful. */
export function listFailing({ result, failOn, failingGaps = [] }: ScanReport): string {
  const failing = result.findings.filter(({ severity }) => failOn !== 'none' && isAtLeast(severity, failOn));
  const groups = groupFindings(failing).flatMap(({ checks }) => checks);
  const lines = groups.slice(0, MAX_CHECKS).flatMap(({ check, findings }) => [
    `  ${findings[0]?.severity ?? check.severity}  ${check.id}  ${check.title}`,
    ...findings.slice(0, MAX_PLACES).map(({ path, line, message }) => {
      const place = path === undefined ? '' : `${path}${line === undefined ? '' : `:${line}`}`;
      return `      ${showText(place === '' || message.startsWith(place) ? message : `${place}  ${message}`)}`;
    }),
    ...(findings.length > MAX_PLACES ? [`      and ${findings.length - MAX_PLACES} more`] : []),
    `      → ${check.remedy}`,
  ]);
  const hidden = groups.length - MAX_CHECKS;
  return [...lines, ...(hidden > 0 ? [`  and ${hidden} more checks`] : []), ...formatGaps(failingGaps)].join('\n');
}

function formatGaps(gaps: readonly TreeGap[]): readonly string[] {
  if (gaps.length === 0) return [];
  const hidden = gaps.length - MAX_CHECKS;
  return [
    '  not read, and a finding may hide there:',
    ...gaps.slice(0, MAX_CHECKS).map(({ path, reason }) => `      ${showText(`${path}  ${reason}`)}`),
    ...(hidden > 0 ? [`      and ${hidden} more`] : []),
    '      → Make it readable, or accept it: --allow-gaps, or scan.allowGaps in the config.',
  ];
}
