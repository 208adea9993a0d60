import { type Document, isMap, isScalar, isSeq, type Node, visit } from 'yaml';
import { spanOfNode } from './find-yaml-problems.js';
import { draftProblem, type ProblemDraft } from './problem.js';

/** What YAML reads and JSON does not: other quotes, bare words, comments, blocks, aliases, a comma at the end. */
export function findJsonProblems(document: Document.Parsed, text: string): readonly ProblemDraft[] {
  if (isJson(text)) return [];
  const problems: ProblemDraft[] = [];
  const report = (node: Node, what: string) => {
    if (problems.length < MAX_PROBLEMS)
      problems.push(draftProblem('CONFIG_SYNTAX', { span: spanOfNode(node) }, [what]));
  };
  visit(document, {
    Node(_key, node) {
      if (isScalar(node)) {
        if (!isJson(node.source === undefined || node.type === 'QUOTE_DOUBLE' ? sliceOf(text, node) : node.source)) {
          report(node, 'JSON has strings in double quotes, numbers, true, false and null only');
        }
        return undefined;
      }
      if ((isMap(node) || isSeq(node)) && node.flow) return undefined;
      report(node, 'JSON has { } and [ ] only; save it as .yaml for more');
      return visit.SKIP;
    },
  });
  // Only punctuation is left to be wrong: a comment, a comma too many.
  if (problems.length === 0) problems.push(draftPunctuation(text));
  return problems;
}

const MAX_PROBLEMS = 5;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function sliceOf(text: string, node: Node): string {
  const { start, end } = spanOfNode(node);
  return text.slice(start, end);
}

function draftPunctuation(text: string): ProblemDraft {
  // Strings are skipped, so that what they contain is not taken for punctuation.
  for (const match of text.matchAll(/"(?:[^"\\]|\\.)*"|(?<comment>#)|(?<comma>,)(?=\s*[}\],])/g)) {
    const start = match.index;
    const place = { span: { start, end: start + 1 } };
    if (match.groups?.['comment']) return draftProblem('CONFIG_SYNTAX', place, ['JSON has no comments']);
    if (match.groups?.['comma'])
      return draftProblem('CONFIG_SYNTAX', place, ['JSON has no comma after the last value']);
  }
  return draftProblem('CONFIG_SYNTAX', { span: { start: 0, end: 1 } }, ['This is not JSON']);
}
