import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { ConfigPath } from './config-path.js';
import type { Span } from './config-source.js';
import { isMergeKey, spanOfNode } from './find-yaml-problems.js';

/** Where the key or value at `path` is written, through aliases and merge keys; if it is not, its nearest parent's key. */
export function locateInYaml(document: Document.Parsed, path: ConfigPath, target: 'key' | 'value'): Span {
  let node: Node | undefined = document.contents ?? undefined;
  let span: Span = startOf(node);
  for (const [index, part] of path.entries()) {
    const found = findChild(document, node, part);
    if (found === undefined) return span;
    const isLast = index === path.length - 1;
    // A value that is a whole block would put the caret under its first key; its own key says better what is meant.
    const useKey = found.key !== undefined && (!isLast || target === 'key' || !isShort(found.value));
    span = useKey ? spanOfNode(found.key) : isShort(found.value) ? spanOfNode(found.value) : startOf(found.value);
    node = found.value;
  }
  return span;
}

interface Child {
  readonly key?: Node;
  readonly value: Node | undefined;
}

function findChild(document: Document.Parsed, parent: Node | undefined, part: string | number): Child | undefined {
  const node = isAlias(parent) ? parent.resolve(document) : parent;
  if (isSeq(node)) {
    const item = node.items[Number(part)] as Node | undefined;
    return item && { value: item };
  }
  if (!isMap(node)) return undefined;
  const pairs = node.items as readonly Pair<Node, Node | null>[];
  const own = pairs.find(
    (pair) => isScalar(pair.key) && !isMergeKey(pair.key) && String(pair.key.value) === String(part),
  );
  if (own) return { key: own.key, value: own.value ?? undefined };
  for (const pair of pairs) {
    if (!isMergeKey(pair.key)) continue;
    const merged = findInMerged(document, pair.value, part);
    if (merged) return merged;
  }
  return undefined;
}

function findInMerged(document: Document.Parsed, value: Node | null, part: string | number): Child | undefined {
  const source = isAlias(value) ? value.resolve(document) : value;
  if (!isSeq(source)) return findChild(document, source ?? undefined, part);
  for (const item of source.items as readonly Node[]) {
    const found = findChild(document, item, part);
    if (found) return found;
  }
  return undefined;
}

function isShort(node: Node | undefined): boolean {
  return (
    node !== undefined && (isScalar(node) || isAlias(node) || ((isMap(node) || isSeq(node)) && node.flow === true))
  );
}

function startOf(node: Node | undefined): Span {
  const { start } = spanOfNode(node);
  return { start, end: start + 1 };
}
