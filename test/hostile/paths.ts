// The files that rules look at, read from what their sources say: a rule of tomorrow is in it without a word here.
import { readFileSync } from 'node:fs';
import { parseSync } from '@swc/core';
import { listFiles } from '../support/list-files.js';

/** Paths of a target that the rules ask for by name or by pattern, one for each pattern; of a home, that of root. */
export function listPathsOfRules(): readonly string[] {
  const sources = listFiles('src/scan/rules', { extensions: ['.ts'] });
  const names = sources.flatMap((file) => [
    ...findStrings(parseSync(readFileSync(file, 'utf8'), { syntax: 'typescript' })),
  ]);
  const paths = names
    .filter((name) => /^(?:~?\/|\{\/)[^\s]+$/.test(name))
    .flatMap(expandBraces)
    .map((name) =>
      name
        .replace(/^~/, '/root')
        .replaceAll('**', 'x')
        .replaceAll(/[*?]/g, 'x')
        .replaceAll(/\[[^\]]*\]/g, '1'),
    );
  return [...new Set(paths)].filter((path) => !path.endsWith('/')).toSorted();
}

function* findStrings(node: unknown): Iterable<string> {
  if (typeof node !== 'object' || node === null) return;
  const { type, value, cooked } = node as Readonly<Record<string, unknown>>;
  if (type === 'StringLiteral' && typeof value === 'string') yield value;
  if (type === 'TemplateElement' && typeof cooked === 'string') yield cooked;
  for (const child of Object.values(node)) yield* findStrings(child);
}

function expandBraces(pattern: string): readonly string[] {
  const found = /^(.*?)\{([^{}]*)\}(.*)$/s.exec(pattern);
  if (!found) return [pattern];
  const [, before = '', choices = '', after = ''] = found;
  return choices.split(',').flatMap((choice) => expandBraces(before + choice + after));
}
