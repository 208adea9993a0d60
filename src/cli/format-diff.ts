import type { ImageDiff, ImageLabel, ValueChange } from '../build/catalogue/diff-images.js';
import { showText } from '../report/show-text.js';
import { countOf } from '../report/summarize.js';
import type { Finding } from '../scan/finding.js';
import type { PackageChange } from '../scan/sbom/compare-packages.js';
import type { Paint } from './paint.js';

/** Lines as of a diff: `-` what is gone, `+` what has come, `~` what is another. */
export function formatDiff(diff: ImageDiff, paint: Paint): readonly string[] {
  const { before, after, properties, tags, packages, findings } = diff;
  const { appeared, vanished, policy } = findings;
  return [
    paint.bad(`--- ${formatLabel(before)}`),
    paint.good(`+++ ${formatLabel(after)}`),
    ...formatSection('Properties', properties.map(formatValue), paint),
    ...formatSection('Tags', tags.map(formatValue), paint),
    ...formatSection(`Packages: ${countPackages(packages)}`, packages.map(formatPackage), paint),
    ...formatSection(
      `Findings of policy ${policy}: ${appeared.length} appeared, ${vanished.length} vanished`,
      [...vanished.map((each) => `- ${formatFinding(each)}`), ...appeared.map((each) => `+ ${formatFinding(each)}`)],
      paint,
    ),
  ];
}

function formatLabel({ id, name, region, run }: ImageLabel): string {
  return `${name} (${id}, ${region}) by ${run === undefined ? 'its snapshot' : `the papers of ${run}`}`;
}

function formatSection(title: string, lines: readonly string[], paint: Paint): readonly string[] {
  const painted = lines.map((line) => `  ${marks(paint)[line.slice(0, 1)]?.(line) ?? line}`);
  return ['', paint.strong(title), ...(lines.length === 0 ? ['  no difference'] : painted)];
}

function marks({ good, bad }: Paint): Readonly<Record<string, (text: string) => string>> {
  return { '+': good, '-': bad };
}

function formatValue({ name, before, after }: ValueChange): string {
  if (before === undefined) return `+ ${name}: ${showText(after ?? '')}`;
  if (after === undefined) return `- ${name}: ${showText(before)}`;
  return `~ ${name}: ${showText(before)} → ${showText(after)}`;
}

function formatPackage({ type, name, architecture, before, after }: PackageChange): string {
  const label = `${showText(name)} (${architecture === undefined ? type : `${type}, ${architecture}`})`;
  if (before === undefined) return `+ ${label} ${showText(after ?? '')}`;
  if (after === undefined) return `- ${label} ${showText(before)}`;
  return `~ ${label} ${showText(before)} → ${showText(after)}`;
}

function countPackages(changes: readonly PackageChange[]): string {
  const added = changes.filter(({ before }) => before === undefined).length;
  const removed = changes.filter(({ after }) => after === undefined).length;
  const changed = changes.length - added - removed;
  return `${countOf(changed, 'other version')}, ${added} added, ${removed} removed`;
}

function formatFinding({ check, severity, message, path }: Finding): string {
  const place = path === undefined || message.startsWith(path) ? '' : `${path}  `;
  return showText(`${severity}  ${check}  ${place}${message}`);
}
