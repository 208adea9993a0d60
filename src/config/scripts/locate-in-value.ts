import type { Span } from '../config-source.js';

export interface PlaceInValue {
  readonly value: string;
  /** In UTF-16 units from its start. */
  readonly offset: number;
}

/**
 * Where in a config the character at `offset` of `value` is written, `span` being where the value is. The value's own
 * place when it stands there in another spelling: with escapes, folded, or with references in it.
 */
export function locateInValue(config: string, span: Span, { value, offset }: PlaceInValue): Span {
  const written = config.slice(span.start, span.end);
  const at = written.indexOf(value);
  if (at !== -1) return characterAt(span.start + at + offset);
  const lines = value.slice(0, offset).split('\n');
  const found = findBlockLine(written, { value, index: lines.length - 1 });
  return found === undefined ? span : characterAt(span.start + found + (lines.at(-1) ?? '').length);
}

function characterAt(start: number): Span {
  return { start, end: start + 1 };
}

/** Of a block (`|`), whose lines follow its mark in their order and are only indented: where line `index` starts. */
function findBlockLine(written: string, { value, index }: { value: string; index: number }): number | undefined {
  const wanted = value.split('\n');
  const lines = written.split('\n').slice(1);
  const isBlock = wanted.every((line, at) => line === '' || lines[at]?.trimEnd().endsWith(line.trimEnd()));
  const line = lines[index];
  if (!isBlock || line === undefined) return undefined;
  const before = written.split('\n').slice(0, index + 1);
  return before.reduce((sum, text) => sum + text.length + 1, 0) + line.length - (wanted[index] ?? '').length;
}
