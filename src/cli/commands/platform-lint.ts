import { resolve } from 'node:path';
import { ExitCode } from '../../errors.js';
import type { PlatformFinding } from '../../platform/finding.js';
import { lintArchive } from '../../platform/lint-archive.js';
import { openArchive } from '../../platform/open-archive.js';
import { abortOnSignal } from '../abort-on-signal.js';
import type { CliContext } from '../cli-context.js';

export interface PlatformLintOptions {
  readonly region?: string;
  readonly format: 'text' | 'json';
}

/** Says what is wrong with an archive that somebody else may have written. Exits 5 when there are errors. */
export async function platformLint(target: string, options: PlatformLintOptions, cli: CliContext): Promise<ExitCode> {
  const interruption = abortOnSignal();
  try {
    const { signal } = interruption;
    const archive = await openArchive(resolve(cli.currentDirectory, target), signal);
    const { region } = options;
    const findings = await lintArchive(archive, { signal, ...(region && { region }) }).finally(() => archive.close());
    const errors = findings.filter(({ severity }) => severity === 'error').length;
    const warnings = findings.length - errors;
    if (options.format === 'json') {
      cli.output.answer(JSON.stringify({ target, errors, warnings, findings }, undefined, 2));
    } else {
      for (const finding of findings) cli.output.answer(formatFinding(finding, target));
      cli.output.answer(`${target}: ${count(errors, 'error')}, ${count(warnings, 'warning')}`);
    }
    return errors > 0 ? ExitCode.findings : ExitCode.done;
  } finally {
    interruption.stop();
  }
}

function formatFinding({ severity, code, path, line, column, message, hint }: PlatformFinding, target: string): string {
  const place = [path === '' ? target : path, line, column].filter((part) => part !== undefined).join(':');
  return `${place}  ${severity} ${code}: ${message}${hint === undefined ? '' : `\n  → ${hint}`}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
