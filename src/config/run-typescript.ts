import path from 'node:path';
import type { ConfigPath } from './config-path.js';
import type { ConfigSource, Span } from './config-source.js';
import { toPrintable } from './printable.js';
import { draftProblem } from './problem.js';

/**
 * Runs a TypeScript config, which is a program and can do what its user can, in a process of its own with `environment`, and
 * takes its default export. Problems are placed where the last key of their path is written, as near as a search of the text
 * finds it.
 */
export async function runTypeScript(
  file: string,
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ConfigSource> {
  const source = placeScript(text);
  // Only here: YAML needs none of it.
  const { runScriptChild } = await import('./script-child.js');
  const answer = await runScriptChild(file, environment);
  if ('value' in answer) return { ...source, value: answer.value };
  const span = findThrowPlace(answer, file, text);
  // The lines after the first are a path and a frame of another style.
  const [reason = ''] = answer.message.split('\n');
  const why = toPrintable(reason.trim()).slice(0, MAX_REASON_LENGTH);
  return { ...source, problems: [draftProblem('CONFIG_SCRIPT_FAILED', { span }, [why])] };
}

/** The same text without running it: it knows where its keys are, and has no value. */
export function placeScript(text: string): ConfigSource {
  return {
    text,
    value: undefined,
    problems: [],
    locate: (configPath, target) => locateInScript(text, configPath, target),
  };
}

const MAX_REASON_LENGTH = 500;

/** The first line of the stack that is in the config itself; or what a syntax error says: `file.ts:3:7`, `(3:7)`. */
function findThrowPlace(
  { message, stack }: { readonly message: string; readonly stack: string },
  file: string,
  text: string,
): Span {
  const name = path.basename(file).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const match = new RegExp(`${name}:(\\d+):(\\d+)`).exec(`${message}\n${stack}`) ?? /\((\d+):(\d+)\)/.exec(message);
  if (match === null) return { start: 0, end: 1 };
  const lines = text.split('\n').slice(0, Number(match[1]) - 1);
  const start = lines.reduce((sum, line) => sum + line.length + 1, 0) + Math.max(0, Number(match[2]) - 1);
  return { start: Math.min(start, text.length), end: Math.min(start, text.length) + 1 };
}

/**
 * Each key is looked for after the one before it; a list position is skipped. Keys of the same name in an earlier
 * sibling can be found instead, so the path in the message is what counts.
 */
function locateInScript(text: string, configPath: ConfigPath, target: 'key' | 'value'): Span {
  let span: Span = { start: 0, end: 1 };
  let from = 0;
  for (const part of configPath) {
    if (typeof part === 'number') continue;
    const name = part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const key = new RegExp(`(?<![\\w$])(["']?)${name}\\1\\s*:\\s*`, 'g');
    key.lastIndex = from;
    const match = key.exec(text);
    if (match === null) continue;
    const isValue = target === 'value' && part === configPath.at(-1);
    const end = match.index + match[0].length;
    span = isValue
      ? { start: end, end: end + (/^[^\s,}\]]+/.exec(text.slice(end, end + 200))?.[0].length ?? 1) }
      : { start: match.index, end: match.index + name.length };
    from = end;
  }
  return span;
}
