// YAML and JSON in one: JSON is YAML 1.2, and the yaml package keeps the position of every key and value of both.
import { type Document, isScalar, visit, type YAMLError } from 'yaml';
import { limits } from '../lib/limits.js';
import { composeYaml, MAX_DEPTH } from './compose-yaml.js';
import type { ConfigSource, Span } from './config-source.js';
import { findJsonProblems } from './find-json-problems.js';
import { findYamlProblems } from './find-yaml-problems.js';
import { locateInYaml } from './locate-in-yaml.js';
import { toPrintable } from './printable.js';
import { draftProblem, type ProblemDraft } from './problem.js';
import { resolveAliases } from './resolve-aliases.js';

/** Reads YAML 1.2 (with merge keys `<<`), or JSON, which is then held to JSON's own rules. */
export function parseYaml(text: string, format: 'yaml' | 'json'): ConfigSource {
  const { documents, tooDeep } = composeYaml(text);
  if (tooDeep) return unreadable(text, [draftProblem('CONFIG_TOO_DEEP', { span: tooDeep }, [MAX_DEPTH])]);
  const [document, second] = documents;
  if (document === undefined || isEmpty(document)) {
    return unreadable(text, [draftProblem('CONFIG_EMPTY', { span: { start: 0, end: 1 } }, [])]);
  }
  const syntaxProblems = [
    ...document.errors.slice(0, MAX_SYNTAX_PROBLEMS).map((error) => draftSyntaxProblem(error, document)),
    ...(second ? [draftSecondDocument(text, second)] : []),
  ];
  if (syntaxProblems.length > 0) return unreadable(text, syntaxProblems);
  const aliases = resolveAliases(document);
  if (aliases.targets.size > MAX_ALIAS_COUNT || aliases.values > limits.yamlAliasedValues)
    return unreadable(text, [draftAliasBomb(text)]);
  const problems = [
    ...findYamlProblems(document, aliases),
    ...(format === 'json' ? findJsonProblems(document, text) : []),
  ];
  // Shape cannot be judged where an alias stands for nothing or a key is a list.
  if (problems.some(({ code }) => code !== 'CONFIG_DUPLICATE_KEY')) return unreadable(text, problems);
  const locate: ConfigSource['locate'] = (path, target) => locateInYaml(document, path, target);
  try {
    return { text, problems, locate, value: document.toJS({ maxAliasCount: MAX_ALIAS_COUNT }) as unknown };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return unreadable(text, [draftAliasBomb(text)]);
  }
}

/** One missing quote makes every later line wrong; the first few say enough. */
const MAX_SYNTAX_PROBLEMS = 5;

/** An alias stands for a copy, so that a few lines of aliases of aliases can stand for billions of values. */
const MAX_ALIAS_COUNT = limits.yamlAliases;

function unreadable(text: string, problems: readonly ProblemDraft[]): ConfigSource {
  return { text, value: undefined, problems, locate: () => ({ start: 0, end: 1 }) };
}

function isEmpty(document: Document.Parsed): boolean {
  const { contents, errors } = document;
  return errors.length === 0 && (contents === null || (isScalar(contents) && contents.value === null));
}

function draftSyntaxProblem(error: YAMLError, document: Document.Parsed): ProblemDraft {
  const place = { span: { start: error.pos[0], end: error.pos[1] } };
  // The parser says so itself when its own recursion would overflow the stack.
  if ((error.code as string) === 'RESOURCE_EXHAUSTION') return draftProblem('CONFIG_TOO_DEEP', place, [MAX_DEPTH]);
  const opened = error.code === 'MISSING_CHAR' && /quote/.test(error.message) ? findLastQuote(document) : undefined;
  if (opened) return draftProblem('CONFIG_SYNTAX', { span: opened }, ['This quote is never closed']);
  return draftProblem('CONFIG_SYNTAX', place, [toPrintable(explainSyntax(error))]);
}

/** Where the text that runs to the end of the file begins; the parser only knows where it should have ended. */
function findLastQuote(document: Document.Parsed): Span | undefined {
  let last: Span | undefined;
  visit(document, {
    Scalar(_key, scalar) {
      const start = scalar.range?.[0];
      if (start !== undefined && scalar.type?.startsWith('QUOTE_')) last = { start, end: start + 1 };
    },
  });
  return last;
}

/** The parser's own words, but for the mistakes that people make most. */
function explainSyntax(error: YAMLError): string {
  if (error.code === 'TAB_AS_INDENT') return 'YAML is indented with spaces; this is a tab';
  if (error.code === 'BLOCK_AS_IMPLICIT_KEY') return 'A second ": " on one line; put the value in quotes';
  return error.message;
}

function draftSecondDocument(text: string, second: Document.Parsed): ProblemDraft {
  const start = text.lastIndexOf('---', second.range[0]);
  const span = start === -1 ? { start: second.range[0], end: second.range[0] + 1 } : { start, end: start + 3 };
  return draftProblem('CONFIG_SYNTAX', { span }, ['A config is one YAML document; a second one starts here']);
}

function draftAliasBomb(text: string): ProblemDraft {
  const start = Math.max(0, text.search(/(?<=[\s[{,])\*/));
  return draftProblem('CONFIG_ALIAS', { span: { start, end: start + 1 } }, [
    'Aliases of aliases stand for too many values',
  ]);
}
