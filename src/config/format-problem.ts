import { styleText } from 'node:util';
import { toPrintable } from './printable.js';
import type { Problem } from './problem.js';

export interface FormatOptions {
  readonly color: boolean;
  /** More are counted, not shown; by default 50. */
  readonly limit?: number;
  /** Files below this folder are shown relative to it; by default in full. */
  readonly currentDirectory?: string;
}

/** Problems as text for a terminal: what and where on one line, the line of the config below, a caret and the hint. */
export function formatProblems(problems: readonly Problem[], options: FormatOptions): string {
  const { color, limit = 50, currentDirectory = '' } = options;
  const shown = problems
    .slice(0, limit)
    .map((problem) => formatProblem({ ...problem, file: shortenPath(problem.file, currentDirectory) }, color));
  const hidden = problems.length - shown.length;
  if (hidden > 0) shown.push(`… and ${hidden} more ${hidden === 1 ? 'problem' : 'problems'}`);
  return shown.join('\n\n');
}

function shortenPath(file: string, folder: string): string {
  const prefix = folder.endsWith('/') ? folder : `${folder}/`;
  return folder !== '' && file.startsWith(prefix) ? file.slice(prefix.length) : file;
}

const FRAME_INDENT = ' '.repeat(8);
/** A hint stands behind the caret as long as the line stays readable. */
const MAX_LINE_LENGTH = 120;

function formatProblem({ file, line, column, code, message, hint, frame }: Problem, color: boolean): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    color ? styleText(style, text, { validateStream: false }) : text;
  const place = paint('bold', `${toPrintable(file)}:${line}:${column}`);
  const head = `${place}  ${paint('red', code)}  ${message}`;
  if (frame === '') return hint ? `${head}\n${FRAME_INDENT}${paint('cyan', hint)}` : head;
  const [source = '', caret = ''] = frame.split('\n');
  const caretLine = `${FRAME_INDENT}${caret}`;
  if (!hint) return `${head}\n${FRAME_INDENT}${source}\n${paint('red', caretLine)}`;
  const separator = caretLine.length + hint.length + 2 <= MAX_LINE_LENGTH ? '  ' : `\n${FRAME_INDENT}`;
  return `${head}\n${FRAME_INDENT}${source}\n${paint('red', caretLine)}${separator}${paint('cyan', hint)}`;
}
