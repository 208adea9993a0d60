import { createMatcher, type Matcher, type Token } from './match-tokens.js';
import { parseSet } from './parse-set.js';

/** What signs mean in a pattern. */
export interface GlobSyntax {
  /** `*` and `?` stop at a slash, `**` does not; else they take every character. */
  readonly isPath?: boolean;
  /** `[a-z]`, `[!a]`. */
  readonly hasSets?: boolean;
  /** A backslash takes the sign behind it for what it is. */
  readonly hasEscapes?: boolean;
  /** `{a,b}`. */
  readonly hasBraces?: boolean;
}

/** Of paths: in waivers, in the rules of the scan. */
export const PATH_GLOB: GlobSyntax = { isPath: true, hasSets: true, hasBraces: true };

/** Longer than any path; what a pattern costs grows with its length. */
const MAX_LENGTH = 4096;
/** Alternatives of all braces of a pattern together: each brace multiplies them. */
const MAX_ALTERNATIVES = 256;

/** A matcher of whole texts. A pattern with a problem (findGlobProblem) matches nothing. */
export function compileGlob(pattern: string, syntax: GlobSyntax): Matcher {
  if (findGlobProblem(pattern, syntax) !== undefined) return () => false;
  const matchers = expandIn(pattern, syntax).map((alternative) => createMatcher(parseGlob(alternative, syntax).tokens));
  return (text) => matchers.some((matches) => matches(text));
}

/** What keeps a pattern from being one, in words; undefined where nothing does. */
export function findGlobProblem(pattern: string, syntax: GlobSyntax): string | undefined {
  if (pattern.length > MAX_LENGTH) return `it is longer than ${MAX_LENGTH} characters`;
  if (syntax.hasBraces && countAlternatives(pattern) > MAX_ALTERNATIVES)
    return `its braces stand for more than ${MAX_ALTERNATIVES} patterns`;
  for (const alternative of expandIn(pattern, syntax)) {
    const { problem } = parseGlob(alternative, syntax);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/**
 * The patterns that one with braces stands for, itself where it has none; inner braces first.
 * Errors: RangeError for more than 256 of them.
 */
export function expandBraces(pattern: string): readonly string[] {
  if (countAlternatives(pattern) > MAX_ALTERNATIVES)
    throw new RangeError(`The braces of a pattern stand for more than ${MAX_ALTERNATIVES} patterns`);
  return [...new Set(expand(pattern))];
}

function expandIn(pattern: string, { hasBraces }: GlobSyntax): readonly string[] {
  return hasBraces ? expandBraces(pattern) : [pattern];
}

function expand(pattern: string): readonly string[] {
  const end = pattern.indexOf('}');
  const start = end === -1 ? -1 : pattern.lastIndexOf('{', end);
  if (start === -1) return [pattern];
  const choices = pattern.slice(start + 1, end).split(',');
  return choices.flatMap((choice) => expand(pattern.slice(0, start) + choice + pattern.slice(end + 1)));
}

/** At least as many as there are: commas behind a brace count, whether they stand in it or not. */
function countAlternatives(pattern: string): number {
  const [, ...parts] = pattern.split('{');
  return parts.reduce((product, part) => Math.min(product * part.split(',').length, MAX_ALTERNATIVES + 1), 1);
}

interface ParsedGlob {
  readonly tokens: readonly Token[];
  readonly problem?: string;
}

const ANY = () => true;
const NO_SLASH = (character: string) => character !== '/';

function parseGlob(pattern: string, syntax: GlobSyntax): ParsedGlob {
  const wild = syntax.isPath ? NO_SLASH : ANY;
  const characters = Array.from(pattern);
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length; ) {
    const character = characters[at] ?? '';
    if (character === '*' && syntax.isPath && characters[at + 1] === '*') {
      const hasSlash = characters[at + 2] === '/';
      tokens.push(hasSlash ? { kind: 'folders' } : { kind: 'run', accepts: ANY });
      at += hasSlash ? 3 : 2;
    } else if (character === '[' && syntax.hasSets) {
      const set = parseSet(characters, at, syntax);
      if ('problem' in set) return { tokens: [], problem: set.problem };
      tokens.push({ kind: 'one', accepts: set.accepts });
      at = set.end;
    } else if (character === '\\' && syntax.hasEscapes && at + 1 < characters.length) {
      tokens.push(literal(characters[at + 1] ?? ''));
      at += 2;
    } else {
      tokens.push(
        character === '*' ? { kind: 'run', accepts: wild } : character === '?' ? one(wild) : literal(character),
      );
      at += 1;
    }
  }
  return { tokens };
}

function one(accepts: (character: string) => boolean): Token {
  return { kind: 'one', accepts };
}

function literal(wanted: string): Token {
  return one((character) => character === wanted);
}
