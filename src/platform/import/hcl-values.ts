import type { Node } from 'web-tree-sitter';
import { toText } from '../to-text.js';

export interface HclScope {
  readonly locals: ReadonlyMap<string, Node>;
  /** What is not understood is added here. */
  readonly notes: string[];
  /** Locals may refer to locals; a circle ends here. */
  readonly depth: number;
}

const MAX_DEPTH = 20;

/** The value of an expression, with variables as `{{user `x`}}`; undefined, and a note, when it is computed. */
export function evaluateExpression(node: Node, scope: HclScope): unknown {
  const children = listNamed(node);
  switch (node.type) {
    case 'expression':
      return children.length === 1 && children[0] !== undefined
        ? evaluateExpression(children[0], scope)
        : evaluateReference(node, children, scope);
    case 'literal_value':
    case 'collection_value':
    case 'template_expr':
      return children[0] === undefined ? undefined : evaluateExpression(children[0], scope);
    case 'numeric_lit':
      return Number(node.text);
    case 'bool_lit':
      return node.text === 'true';
    case 'null_lit':
      return undefined;
    case 'string_lit':
    case 'quoted_template':
      return evaluateTemplate(node, scope);
    case 'heredoc_template':
      return stripHeredoc(node);
    case 'tuple':
      return children.flatMap((child) => evaluateExpression(child, scope) ?? []);
    case 'object':
      return Object.fromEntries(children.flatMap((child) => evaluateElement(child, scope)));
    default:
      return giveUp(node, scope);
  }
}

/** `var.x`, `local.x` and what Packer calls `source.type.name`. */
function evaluateReference(node: Node, children: readonly Node[], scope: HclScope): unknown {
  const [head, ...rest] = children.map((child) => child.text.replace(/^\./, ''));
  const [name] = rest;
  if (rest.length === 1 && name !== undefined && head === 'var') return `{{user \`${name}\`}}`;
  if (rest.length === 1 && name !== undefined && head === 'local') {
    const local = scope.locals.get(name);
    if (local !== undefined && scope.depth < MAX_DEPTH) {
      return evaluateExpression(local, { ...scope, depth: scope.depth + 1 });
    }
  }
  return head === 'source' ? node.text : giveUp(node, scope);
}

/** The grammar gives white space beside an interpolation to no node, so text is what lies between the nodes. */
function evaluateTemplate(node: Node, scope: HclScope): string | undefined {
  const between = (from: number, to: number) =>
    unescapeText(node.text.slice(from - node.startIndex, to - node.startIndex));
  let text = '';
  // After the quote.
  let at = node.startIndex + 1;
  for (const part of listNamed(node).filter(({ type }) => type !== 'template_literal')) {
    if (part.type !== 'template_interpolation') return giveUp(part, scope);
    const [expression] = listNamed(part).filter(({ type }) => type === 'expression');
    const value = expression === undefined ? undefined : evaluateExpression(expression, scope);
    if (value === undefined) return undefined;
    text += `${between(at, part.startIndex)}${toText(value)}`;
    at = part.endIndex;
  }
  return text + between(at, node.endIndex - 1);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };

function unescapeText(text: string): string {
  return text
    .replaceAll(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_whole, code: string | undefined, letter: string) =>
      code === undefined ? (ESCAPES[letter] ?? letter) : String.fromCharCode(Number.parseInt(code, 16)),
    )
    .replaceAll(/([$%])\1\{/g, '$1{');
}

function stripHeredoc(node: Node): string {
  const lines = node.text.split('\n').slice(1, -1);
  if (!node.text.startsWith('<<-')) return `${lines.join('\n')}\n`;
  const indents = lines.filter((line) => line.trim() !== '').map((line) => /^\s*/.exec(line)?.[0].length ?? 0);
  const indent = Math.min(...indents);
  return `${lines.map((line) => line.slice(indent)).join('\n')}\n`;
}

function evaluateElement(node: Node, scope: HclScope): readonly (readonly [string, unknown])[] {
  if (node.type !== 'object_elem') return [];
  const [key, value] = listNamed(node);
  if (key === undefined || value === undefined) return [];
  const name = /^[\w-]+$/.test(key.text) ? key.text : evaluateExpression(key, scope);
  const evaluated = evaluateExpression(value, scope);
  return typeof name === 'string' && evaluated !== undefined ? [[name, evaluated]] : [];
}

function giveUp(node: Node, { notes }: HclScope): undefined {
  const { row, column } = node.startPosition;
  notes.push(
    `line ${row + 1}, column ${column + 1}: ${node.text.replaceAll(/\s+/g, ' ').slice(0, 60)} is computed by Packer`,
  );
  return undefined;
}

function listNamed(node: Node): readonly Node[] {
  return node.namedChildren.filter(
    (child): child is Node =>
      child !== null &&
      child.type !== 'comment' &&
      !/^(?:tuple|object|quoted_template)_(?:start|end)$/.test(child.type),
  );
}
