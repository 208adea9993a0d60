import type { RunFailure } from '../build/run-failure.js';

/** Why a run failed, as lines of a report: code and step, what the error said, and what was heard last. */
export function formatFailure({ code, step, message, output, console }: RunFailure): readonly string[] {
  return [
    '',
    `Failure: ${code}${step === undefined ? '' : ` in step "${step}"`}`,
    ...indent(message.split('\n')),
    ...section('Last output', output),
    ...section('Console', console?.split('\n') ?? []),
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...indent(lines)];
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line.trimEnd()}`);
}
