import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { Span } from './config-source.js';
import { quoteValue } from './printable.js';
import { draftProblem, type ProblemDraft } from './problem.js';
import type { ResolvedAliases } from './resolve-aliases.js';

/** What YAML allows and a config does not: double keys, keys that are no names, unknown tags, aliases of nothing. */
export function findYamlProblems(document: Document.Parsed, aliases: ResolvedAliases): ProblemDraft[] {
  const problems: ProblemDraft[] = document.warnings
    .filter((warning) => warning.code === 'TAG_RESOLVE_FAILED')
    .map((warning) => {
      const tag = warning.message.replace(/^Unresolved tag: /, '');
      return draftProblem('CONFIG_TAG', { span: { start: warning.pos[0], end: warning.pos[1] } }, [tag]);
    });
  // By hand: the package's visit() takes as long as parsing does.
  const walk = (node: unknown, ancestors: readonly Node[]): void => {
    if (isAlias(node)) {
      const problem = findAliasProblem(aliases, node, ancestors);
      if (problem) problems.push(problem);
    } else if (isMap<Node, Node | null>(node)) {
      problems.push(...findKeyProblems(aliases, node.items));
      const inner = [...ancestors, node];
      for (const { value } of node.items) if (!isScalar(value)) walk(value, inner);
    } else if (isSeq(node)) {
      const inner = [...ancestors, node];
      for (const item of node.items) if (!isScalar(item)) walk(item, inner);
    }
  };
  walk(document.contents, []);
  return problems;
}

export function spanOfNode(node: Node | null | undefined): Span {
  const range = node?.range;
  return range ? { start: range[0], end: Math.max(range[1], range[0] + 1) } : { start: 0, end: 1 };
}

/** True for the plain key `<<`, which merges a mapping into the one that it stands in. */
export function isMergeKey(key: unknown): boolean {
  return isScalar(key) && (key.type === 'PLAIN' || key.type === undefined) && isMergeValue(key.value);
}

function isMergeValue(value: unknown): boolean {
  return value === '<<' || (typeof value === 'symbol' && value.description === '<<');
}

function findKeyProblems(aliases: ResolvedAliases, pairs: readonly Pair<Node, Node | null>[]): readonly ProblemDraft[] {
  const problems: ProblemDraft[] = [];
  const seen = new Set<string>();
  for (const pair of pairs) {
    if (isMergeKey(pair.key)) {
      if (!isMergeSource(aliases, pair.value)) {
        problems.push(
          draftProblem('CONFIG_ALIAS', { span: spanOfNode(pair.key) }, [
            'The merge key << takes the alias of a mapping',
          ]),
        );
      }
      continue;
    }
    if (!isScalar(pair.key) || pair.key.value === null) {
      problems.push(draftProblem('CONFIG_KEY_TYPE', { span: spanOfNode(pair.key) }, []));
      continue;
    }
    // The package's types say string; 2024 and true are keys too.
    const written: unknown = pair.key.value;
    const key = typeof written === 'string' ? written : JSON.stringify(written);
    if (seen.has(key))
      problems.push(draftProblem('CONFIG_DUPLICATE_KEY', { span: spanOfNode(pair.key) }, [quoteValue(key)]));
    seen.add(key);
  }
  return problems;
}

function isMergeSource(aliases: ResolvedAliases, value: unknown): boolean {
  const node = isAlias(value) ? aliases.targets.get(value) : value;
  if (isSeq(node)) return node.items.every((item) => !isSeq(item) && isMergeSource(aliases, item));
  // An alias of nothing is reported as that.
  return isMap(node) || (isAlias(value) && node === undefined);
}

function findAliasProblem(
  aliases: ResolvedAliases,
  alias: Alias,
  ancestors: readonly unknown[],
): ProblemDraft | undefined {
  const place = { span: spanOfNode(alias) };
  if (aliases.targets.get(alias) === undefined) {
    return draftProblem('CONFIG_ALIAS', place, [
      `The alias *${alias.source} stands for nothing: there is no &${alias.source} above it`,
    ]);
  }
  if (ancestors.some((ancestor) => (isMap(ancestor) || isSeq(ancestor)) && ancestor.anchor === alias.source)) {
    return draftProblem('CONFIG_ALIAS', place, [`The alias *${alias.source} stands inside of what it stands for`]);
  }
  return undefined;
}
