import { MAX_DEPTH } from './compose-yaml.js';
import type { ConfigPath } from './config-path.js';
import { quoteValue, toPrintable } from './printable.js';
import { draftProblem, type ProblemDraft } from './problem.js';

/** Far above 1,000 images; reached by aliases that multiply. */
const MAX_VALUES = 500_000;

export interface CopiedData {
  readonly value: unknown;
  readonly problems: readonly ProblemDraft[];
}

/**
 * A copy of `value` that shares nothing: aliases written out, strings passed through `mapText`. Refuses what is no plain
 * data (a TypeScript config can hold anything) and control characters other than newline and tab.
 */
export function copyData(value: unknown, mapText: (text: string, path: ConfigPath) => string): CopiedData {
  const problems: ProblemDraft[] = [];
  let count = 0;
  const copy = (from: unknown, path: ConfigPath): unknown => {
    count += 1;
    if (count > MAX_VALUES) {
      if (count === MAX_VALUES + 1) problems.push(draftProblem('CONFIG_TOO_MANY_VALUES', { path }, [MAX_VALUES]));
      return undefined;
    }
    if (path.length > MAX_DEPTH) {
      problems.push(draftProblem('CONFIG_TOO_DEEP', { path: path.slice(0, 2) }, [MAX_DEPTH]));
      return undefined;
    }
    if (typeof from === 'string') {
      const text = mapText(from, path);
      const control = findControlCharacter(text);
      if (control) problems.push(draftProblem('CONFIG_CONTROL_CHARACTER', { path }, [control]));
      return text;
    }
    if (from === null || typeof from === 'boolean' || typeof from === 'number') return from;
    if (Array.isArray(from)) return from.map((item, index) => copy(item, [...path, index]));
    const kind = describeNonData(from);
    if (kind) {
      problems.push(draftProblem('CONFIG_NOT_DATA', { path }, [kind]));
      return undefined;
    }
    const to: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(from as object)) {
      if (item === undefined) continue;
      const keyPath = [...path, key];
      const control = findControlCharacter(key);
      if (control) problems.push(draftProblem('CONFIG_CONTROL_CHARACTER', { path: keyPath, target: 'key' }, [control]));
      if (key === '__proto__') {
        problems.push(draftProblem('CONFIG_KEY_RESERVED', { path: keyPath, target: 'key' }, [quoteValue(key)]));
      } else to[key] = copy(item, keyPath);
    }
    return to;
  };
  return { value: copy(value, []), problems };
}

/** The first control character or half of a surrogate pair, as \uXXXX; newline, carriage return and tab are text. */
function findControlCharacter(text: string): string | undefined {
  // oxlint-disable-next-line no-control-regex -- they are what this is about
  const match = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]|\p{Surrogate}/u.exec(text);
  return match ? toPrintable(match[0]) : undefined;
}

function describeNonData(value: unknown): string | undefined {
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object') return `a ${typeof value}`;
  if (value instanceof Promise || Object.hasOwn(value as object, 'then')) return 'a promise';
  // By tag and not by prototype: a config that ran in a context of its own has prototypes of its own.
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return tag === 'Object' ? undefined : `a ${tag}`;
}
