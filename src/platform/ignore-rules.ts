// The patterns of .ebignore and .gitignore. https://git-scm.com/docs/gitignore

import { compileGlob } from '../lib/globs/compile-glob.js';
import type { Matcher } from '../lib/globs/match-tokens.js';

interface IgnoreRule {
  readonly matches: Matcher;
  readonly isNegated: boolean;
  readonly isForFolders: boolean;
}

/** Whether a path is left out; a folder that is takes all below it along. */
export type IgnoreRules = (path: string, isFolder: boolean) => boolean;

/** Reads the text of an ignore file. The last rule that matches decides. */
export function parseIgnoreRules(text: string): IgnoreRules {
  const rules = text.split(/\r?\n/).flatMap(parseRule);
  return (path, isFolder) =>
    rules.reduce(
      (isIgnored, rule) => ((isFolder || !rule.isForFolders) && rule.matches(path) ? !rule.isNegated : isIgnored),
      false,
    );
}

function parseRule(line: string): readonly IgnoreRule[] {
  const text = trimUnescaped(line);
  if (text === '' || text.startsWith('#')) return [];
  const isNegated = text.startsWith('!');
  const body = text.slice(isNegated ? 1 : 0).replace(/^\\([#!])/, '$1');
  const isForFolders = body.endsWith('/');
  const trimmed = body.replace(/\/$/, '');
  // A slash at the start or in the middle ties the pattern to the folder of the file.
  const isAnchored = trimmed.includes('/');
  const glob = `${isAnchored ? '' : '**/'}${trimmed.replace(/^\//, '')}`;
  return [{ matches: compileGlob(glob, IGNORE_GLOB), isNegated, isForFolders }];
}

/** A blank at the end counts where a backslash stands before it. */
function trimUnescaped(line: string): string {
  const trimmed = line.trimEnd();
  return trimmed.endsWith('\\') && trimmed.length < line.length ? `${trimmed}${line.charAt(trimmed.length)}` : trimmed;
}

const IGNORE_GLOB = { isPath: true, hasSets: true, hasEscapes: true } as const;
