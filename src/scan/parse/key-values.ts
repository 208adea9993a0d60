import { listLines } from './lines.js';

export interface KeyValue {
  readonly key: string;
  readonly value: string;
  /** From 1. */
  readonly line: number;
}

/** `KEY=value` lines as in os-release, /etc/environment and /etc/default: quotes taken off, `export` tolerated. */
export function parseAssignments(text: string): readonly KeyValue[] {
  return [...listLines(text)].flatMap(({ text: content, line }) => {
    const found = /^(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*)/.exec(content);
    return found ? [{ key: found[1] ?? '', value: unquote(found[2] ?? ''), line }] : [];
  });
}

/** `KEY value` lines as in login.defs: the last one wins there, so look from the end. */
export function parseSpaced(text: string): readonly KeyValue[] {
  return [...listLines(text)].flatMap(({ text: content, line }) => {
    const found = /^(\S+)\s+(.*)/.exec(content);
    return found ? [{ key: found[1] ?? '', value: unquote(found[2] ?? ''), line }] : [];
  });
}

/** The value of the last pair with this key. */
export function findLast(pairs: readonly KeyValue[], key: string): KeyValue | undefined {
  return pairs.findLast((pair) => pair.key === key);
}

function unquote(text: string): string {
  const trimmed = text.trim();
  const quoted = /^(["'])(.*)\1$/.exec(trimmed);
  return quoted ? (quoted[2] ?? '') : trimmed;
}
