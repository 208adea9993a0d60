import stringWidth from 'string-width';
import type { Span } from './config-source.js';
import { toPrintableInPlace } from './printable.js';

/** Line and column of an offset, both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Looks up positions in one text. */
export interface TextMap {
  positionOf(offset: number): Position;
  /** The line that `span` starts in, and a caret below each of its columns; the rest of a longer span is left out. */
  frameOf(span: Span): string;
}

/** Longer lines, as minified JSON has, are cut around the caret. */
const MAX_LINE_WIDTH = 100;

export function makeTextMap(text: string): TextMap {
  const lineStarts = findLineStarts(text);
  const lineOf = (offset: number) => findLastAtMost(lineStarts, offset);
  const positionOf = (offset: number): Position => {
    const line = lineOf(offset);
    return { line: line + 1, column: offset - (lineStarts[line] ?? 0) + 1 };
  };
  return {
    positionOf,
    frameOf(span) {
      const line = lineOf(span.start);
      const start = lineStarts[line] ?? 0;
      const content = text.slice(start, lineStarts[line + 1] ?? text.length).replace(/\r?\n$/, '');
      return drawFrame(content, line + 1, { start: span.start - start, end: span.end - start });
    },
  };
}

function drawFrame(content: string, lineNumber: number, span: Span): string {
  const cut = cutAround(content, span);
  const before = cut.text.slice(0, cut.span.start);
  const marked = cut.text.slice(cut.span.start, cut.span.end);
  const gutter = String(lineNumber);
  const carets = '^'.repeat(Math.max(1, stringWidth(marked.trimEnd())));
  return `${gutter} | ${cut.text}\n${' '.repeat(gutter.length)} | ${' '.repeat(stringWidth(before))}${carets}`;
}

function cutAround(content: string, span: Span): { readonly text: string; readonly span: Span } {
  const text = toPrintableInPlace(content);
  const end = Math.min(Math.max(span.end, span.start + 1), Math.max(text.length, span.start + 1));
  if (text.length <= MAX_LINE_WIDTH) return { text: text.trimEnd(), span: { start: span.start, end } };
  const from = Math.max(0, Math.min(span.start - MAX_LINE_WIDTH / 2, text.length - MAX_LINE_WIDTH));
  const to = from + MAX_LINE_WIDTH;
  const head = from > 0 ? '…' : '';
  const tail = to < text.length ? '…' : '';
  const shift = head.length - from;
  return {
    text: `${head}${text.slice(from, to)}${tail}`,
    span: { start: span.start + shift, end: Math.min(end, to) + shift },
  };
}

function findLineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function findLastAtMost(sorted: readonly number[], limit: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((sorted[middle] ?? 0) <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
}
