import path from 'node:path';
import type { ConfigPath } from './config-path.js';
import type { ConfigSource, Span } from './config-source.js';
import { defineConfig } from './define-config.js';
import { toPrintable } from './printable.js';
import { draftProblem } from './problem.js';

/**
 * Runs a TypeScript config, which is a program and can do what its user can, and takes its default export. Problems are
 * placed where the last key of their path is written, as near as a search of the text finds it.
 */
export async function runTypeScript(file: string, text: string): Promise<ConfigSource> {
  const locate: ConfigSource['locate'] = (configPath, target) => locateInScript(text, configPath, target);
  try {
    // Only here: it takes 0.3 s the first time, and YAML needs none of it.
    const { createJiti } = await import('jiti');
    const jiti = createJiti(import.meta.url, {
      moduleCache: false,
      fsCache: false,
      // The bundle holds no file of its own for `import { defineConfig } from 'buildimg'`.
      virtualModules: { buildimg: { defineConfig } },
    });
    const value = await jiti.import(file, { default: true });
    return { text, value, problems: [], locate };
  } catch (error) {
    const span = findThrowPlace(error, file, text);
    // The lines after the first are a path and a frame of another style.
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    const why = toPrintable(reason.trim()).slice(0, MAX_REASON_LENGTH);
    return { text, value: undefined, problems: [draftProblem('CONFIG_SCRIPT_FAILED', { span }, [why])], locate };
  }
}

const MAX_REASON_LENGTH = 500;

/** The first line of the stack that is in the config itself; or what a syntax error says: `file.ts:3:7`, `(3:7)`. */
function findThrowPlace(error: unknown, file: string, text: string): Span {
  const { message = '', stack = '' } = (error ?? {}) as { message?: string; stack?: string };
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
