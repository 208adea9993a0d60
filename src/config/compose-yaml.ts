import { Composer, type CST, type Document, Lexer, Parser } from 'yaml';
import { limits } from '../lib/limits.js';
import type { Span } from './config-source.js';

export const MAX_DEPTH = limits.yamlDepth;

export interface ComposedYaml {
  readonly documents: readonly Document.Parsed[];
  /** Where the text nests deeper than MAX_DEPTH; documents are then not to be used. */
  readonly tooDeep?: Span;
}

export interface ComposeOptions {
  readonly version?: '1.1' | '1.2';
  /** No document where there is an error: for readers that say nothing of them, since each costs as much as a hundred characters. */
  readonly stopsAtError?: boolean;
}

/**
 * What parseDocument does, watching the depth between its stages: 100,000 opening brackets end the whole process inside
 * a regular expression of the parser ("RegExpCompiler Allocation failed"), where no catch can reach.
 */
export function composeYaml(text: string, { version, stopsAtError }: ComposeOptions = {}): ComposedYaml {
  // uniqueKeys compares every key with every other (a second for 1,000 images); find-yaml-problems.ts uses a set.
  const composer = new Composer({
    merge: true,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
    ...(version && { version }),
  });
  const watch = makeDepthWatch();
  const tokens = readTokens(text, watch);
  const composed = stopsAtError
    ? composer.compose(takeUntilError(tokens))
    : composer.compose(tokens, true, text.length);
  const documents = [...composed] as Document.Parsed[];
  const tooDeep = watch.tooDeep();
  return { documents, ...(tooDeep && { tooDeep }) };
}

function* readTokens(text: string, watch: DepthWatch): Iterable<CST.Token> {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    watch.see(lexeme);
    if (watch.tooDeep()) return;
    yield* parser.next(lexeme);
  }
  yield* parser.end();
}

function* takeUntilError(tokens: Iterable<CST.Token>): Iterable<CST.Token> {
  for (const token of tokens) {
    if (isRefused(token)) return;
    yield token;
  }
}

const BETWEEN = new Set(['space', 'comment', 'newline', 'flow-map-end', 'flow-seq-end', 'doc-end']);

/** Whether the composer would report an error for each of the tokens that are left over, of which there may be a million. */
function isRefused(token: CST.Token): boolean {
  if (token.type === 'error') return true;
  if ('end' in token && token.end?.some(({ type }) => !BETWEEN.has(type))) return true;
  if ('value' in token && token.value && isRefused(token.value)) return true;
  return 'items' in token && token.items.some(({ key, value }) => [key, value].some((each) => each && isRefused(each)));
}

interface DepthWatch {
  see(lexeme: string): void;
  tooDeep(): Span | undefined;
}

const SCALAR_FOLLOWS = '\x1f';
/** Marks that the lexer puts in and that are no part of the text: a document or a scalar starts, flow ends in error. */
const MARKS = new Set(['\x02', '\x18', SCALAR_FOLLOWS]);

/** Depth is: brackets and braces that are open, and dashes and question marks in a row on one line (`- - - -`). */
function makeDepthWatch(): DepthWatch {
  let offset = 0;
  let open = 0;
  let inRow = 0;
  let isScalar = false;
  let tooDeep: Span | undefined;
  return {
    see(lexeme) {
      if (MARKS.has(lexeme)) {
        isScalar = lexeme === SCALAR_FOLLOWS;
        return;
      }
      if (!isScalar) {
        if (lexeme === '[' || lexeme === '{') open += 1;
        else if (lexeme === ']' || lexeme === '}') open = Math.max(0, open - 1);
        else if (lexeme === '-' || lexeme === '?') inRow += 1;
        else if (lexeme.includes('\n')) inRow = 0;
      }
      if (open > MAX_DEPTH || inRow > MAX_DEPTH) tooDeep = { start: offset, end: offset + 1 };
      offset += lexeme.length;
      isScalar = false;
    },
    tooDeep: () => tooDeep,
  };
}
