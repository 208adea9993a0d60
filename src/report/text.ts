// The report for people: what is worst comes first, each check with its places and what to do about it. Whoever wants
// every place of a check asks for another format.

import type { Finding, Severity } from '../scan/finding.js';
import { type CheckGroup, groupFindings } from './group-findings.js';
import type { ScanReport } from './scan-report.js';
import { showText } from './show-text.js';
import { countOf, describeVerdict } from './summarize.js';
import { type WrapOptions, wrapText } from './wrap-text.js';

/** Colours by meaning; functions that give back their text where there are none. */
export interface TextStyle {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly quiet: (text: string) => string;
  readonly strong: (text: string) => string;
}

export interface TextOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly style: TextStyle;
}

const MAX_PLACES = 8;
const GAPS_REMEDY =
  'A finding may hide in a system folder or a volume that was not read. Make it readable, or accept it: --allow-gaps.';
const NARROWEST = 40;
/** Lines of prose that are longer than this are hard to read, however wide the terminal is. */
const WIDEST = 110;

/** The report as text, without a line end. */
export function renderText(report: ScanReport, options: TextOptions): string {
  const { result } = report;
  const width = Math.min(Math.max(options.width, NARROWEST), WIDEST);
  const page: Page = { width, style: options.style };
  return [
    ...formatHead(report, page),
    ...groupFindings(result.findings).flatMap(({ severity, count, checks }) => [
      '',
      paintSeverity(severity, page.style)(`${severity.toUpperCase()} · ${count}`),
      ...checks.flatMap((group) => formatCheck(group, page)),
    ]),
    ...formatWaived(report, page),
    ...formatNotEvaluated(report, page),
    ...formatGaps(report, page),
    '',
    ...formatVerdict(report, page),
  ].join('\n');
}

interface Page {
  readonly width: number;
  readonly style: TextStyle;
}

function formatHead({ result }: ScanReport, page: Page): readonly string[] {
  const { style } = page;
  const system = `${showText(result.os.prettyName)} · policy ${result.policy}`;
  return [style.strong(showText(result.target)), ...wrap(system, page, FLUSH).map(style.quiet)];
}

function formatCheck({ check, findings }: CheckGroup, page: Page): readonly string[] {
  const { style } = page;
  const [title = '', ...more] = wrap(check.title, page, { first: `  ${check.id}  `, rest: INDENT });
  const shown = findings.slice(0, MAX_PLACES);
  const hidden = findings.length - shown.length;
  return [
    title.replace(check.id, style.strong(check.id)),
    ...more,
    ...shown.flatMap((finding) => formatPlace(finding, page)),
    ...(hidden > 0 ? [`${INDENT}${style.quiet(`and ${countOf(hidden, 'more place')}`)}`] : []),
    ...wrap(check.remedy, page, { first: `${INDENT}→ `, rest: `${INDENT}  ` }).map(style.good),
  ];
}

/** As wide as `  SSH-001  `. */
const INDENT = '    ';

function formatPlace(finding: Finding, page: Page): readonly string[] {
  const place = formatPath(finding);
  const message = showText(finding.message);
  if (place === undefined) return wrap(message, page, { first: INDENT, rest: INDENT });
  const path = `${INDENT}${page.style.strong(place)}`;
  // Many messages are sentences about the path, and begin with it.
  if (message.startsWith(`${place} `)) {
    return wrap(message, page, { first: INDENT, rest: `${INDENT}  ` }).map((line) =>
      line.replace(place, page.style.strong),
    );
  }
  const lines = wrap(message, page, { first: `${INDENT}  `, rest: `${INDENT}  ` });
  const [only = ''] = lines;
  const isShort = lines.length === 1 && place.length + only.trim().length + INDENT.length + 2 <= page.width;
  return isShort ? [`${path}  ${only.trim()}`] : [path, ...lines];
}

function formatPath({ path, line }: Finding): string | undefined {
  if (path === undefined) return undefined;
  return `${showText(path)}${line === undefined ? '' : `:${line}`}`;
}

function formatWaived({ result: { waived, waiverNotes } }: ScanReport, page: Page): readonly string[] {
  if (waived.length + waiverNotes.length === 0) return [];
  const places = waived.slice(0, MAX_PLACES).flatMap((finding) => {
    const what = [finding.check, formatPath(finding)].filter((each) => each !== undefined).join(' ');
    return wrap(`${what}: ${showText(finding.reason)} (until ${finding.expires})`, page, BULLET);
  });
  const hidden = waived.length - MAX_PLACES;
  return [
    ...heading(`Waived · ${waived.length}`, page),
    ...places,
    ...(hidden > 0 ? [`${INDENT}${page.style.quiet(`and ${hidden} more`)}`] : []),
    ...waiverNotes.flatMap(({ waiver, note }) => {
      const what = `${waiver.check}${waiver.path === undefined ? '' : ` ${waiver.path}`}`;
      return wrap(`Waiver of ${showText(what)}: ${note}`, page, BULLET).map(page.style.warn);
    }),
  ];
}

function formatNotEvaluated({ result: { notEvaluated } }: ScanReport, page: Page): readonly string[] {
  if (notEvaluated.length === 0) return [];
  // A target without sshd cannot answer a dozen checks, for one reason.
  const reasons = [...new Set(notEvaluated.map(({ reason }) => reason))];
  const lines = reasons.flatMap((reason) => {
    const ids = notEvaluated.filter((each) => each.reason === reason).map(({ check }) => check);
    return wrap(`${ids.join(', ')}: ${showText(reason)}`, page, BULLET);
  });
  return [...heading(`Not evaluated · ${notEvaluated.length}`, page), ...lines.map(page.style.quiet)];
}

function formatGaps({ result: { gaps }, failingGaps = [] }: ScanReport, page: Page): readonly string[] {
  if (gaps.length === 0) return [];
  const shown = [...failingGaps, ...gaps.filter((gap) => !failingGaps.includes(gap))].slice(0, MAX_PLACES);
  const hidden = gaps.length - shown.length;
  return [
    ...heading(`Not read · ${gaps.length}`, page),
    ...shown.flatMap(({ path, reason }) => wrap(`${showText(path)}: ${showText(reason)}`, page, BULLET)),
    ...(hidden > 0 ? [`${INDENT}${page.style.quiet(`and ${countOf(hidden, 'more place')}`)}`] : []),
    ...(failingGaps.length > 0 ? wrap(GAPS_REMEDY, page, { first: '  → ', rest: INDENT }).map(page.style.good) : []),
  ];
}

function formatVerdict(report: ScanReport, page: Page): readonly string[] {
  const { style } = page;
  const counts = groupFindings(report.result.findings).map(({ severity, count }) =>
    paintSeverity(severity, style)(`${count} ${severity}`),
  );
  const found = counts.length === 0 ? style.good('No findings') : counts.join(', ');
  const verdict = (report.isFailing ? style.bad : style.good)(describeVerdict(report));
  return wrap(`${found} · ${verdict}`, page, FLUSH);
}

const BULLET = { first: '  ', rest: INDENT };
const FLUSH = { first: '', rest: '' };

function heading(text: string, { style }: Page): readonly string[] {
  return ['', style.strong(text)];
}

function wrap(text: string, { width }: Page, indents: Omit<WrapOptions, 'width'>): readonly string[] {
  return wrapText(text, { width, ...indents });
}

function paintSeverity(severity: Severity, style: TextStyle): (text: string) => string {
  if (severity === 'critical' || severity === 'high') return style.bad;
  return severity === 'medium' ? style.warn : style.quiet;
}
