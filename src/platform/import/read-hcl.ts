// HCL by its tree-sitter grammar, loaded only when such a file is imported: the two WebAssembly files have 1 MiB.
import { readFile } from 'node:fs/promises';
import { Language, type Node, Parser, type Point, type TreeCursor } from 'web-tree-sitter';
import { createError } from '../../errors.js';
import { limits } from '../../lib/limits.js';
import { findGrammarFile } from './grammar-file.js';
import { evaluateExpression, type HclScope } from './hcl-values.js';
import type { Settings } from './legacy-template.js';

export interface HclBlock {
  readonly type: string;
  readonly labels: readonly string[];
  /** Attributes, and inner blocks under their type: an object, or a list of them where it repeats. */
  readonly settings: Settings;
  readonly blocks: readonly HclBlock[];
}

export interface HclFile {
  readonly blocks: readonly HclBlock[];
  readonly notes: readonly string[];
}

/** The top-level blocks of a file. Throws IMPORT_SYNTAX. */
export async function readHclBlocks(text: string, path: string): Promise<HclFile> {
  const parser = await createParser();
  const tree = parser.parse(text);
  if (tree === null) throw createError('IMPORT_SYNTAX', [path, 'it could not be parsed']);
  try {
    const deep = findTooDeep(tree.walk());
    if (deep !== undefined) {
      throw createError('IMPORT_SYNTAX', [`${path}:${deep.row + 1}:${deep.column + 1}`, 'this nests too deep']);
    }
    const root = tree.rootNode;
    const broken = findBroken(root);
    if (broken !== undefined) {
      const { row, column } = broken.startPosition;
      throw createError('IMPORT_SYNTAX', [`${path}:${row + 1}:${column + 1}`, 'this is not HCL']);
    }
    const notes: string[] = [];
    const body = root.namedChildren.find((child) => child?.type === 'body') ?? undefined;
    const scope: HclScope = { locals: collectLocals(body), notes, depth: 0 };
    return { blocks: listBlocks(body).map((block) => readBlock(block, scope)), notes };
  } finally {
    tree.delete();
    parser.delete();
  }
}

async function createParser(): Promise<Parser> {
  await Parser.init({ wasmBinary: await readFile(findGrammarFile('web-tree-sitter.wasm')) });
  const parser = new Parser();
  parser.setLanguage(await Language.load(await readFile(findGrammarFile('tree-sitter-hcl.wasm'))));
  return parser;
}

/** Where the tree is deeper than readers of it follow. Its cursor does not recurse, as they do. */
function findTooDeep(cursor: TreeCursor): Point | undefined {
  let depth = 0;
  try {
    for (;;) {
      if (depth > limits.hclTreeDepth) return cursor.startPosition;
      if (cursor.gotoFirstChild()) {
        depth += 1;
        continue;
      }
      while (!cursor.gotoNextSibling()) {
        if (!cursor.gotoParent()) return undefined;
        depth -= 1;
      }
    }
  } finally {
    cursor.delete();
  }
}

function findBroken(node: Node): Node | undefined {
  if (!node.hasError) return undefined;
  if (node.isError || node.isMissing) return node;
  for (const child of node.children) {
    const broken = child === null ? undefined : findBroken(child);
    if (broken !== undefined) return broken;
  }
  return node;
}

function listBlocks(body: Node | undefined): readonly Node[] {
  return (body?.namedChildren ?? []).filter((child): child is Node => child?.type === 'block');
}

function readBlock(block: Node, scope: HclScope): HclBlock {
  const named = block.namedChildren.filter((child): child is Node => child !== null);
  const [type, ...rest] = named;
  const labels = rest.filter(({ type: kind }) => kind === 'string_lit' || kind === 'identifier').map(readLabel);
  const body = named.find(({ type: kind }) => kind === 'body');
  const blocks = listBlocks(body).map((inner) => readBlock(inner, scope));
  const kind = type?.text ?? '';
  // The type of a variable is a word of HCL's own, and a config has text only.
  const given = readAttributes(body, scope, kind === 'variable' ? ['type', 'validation'] : []);
  return { type: kind, labels, settings: { ...given, ...gather(blocks) }, blocks };
}

function readLabel(node: Node): string {
  return node.text.replace(/^"|"$/g, '');
}

function readAttributes(body: Node | undefined, scope: HclScope, skipped: readonly string[]): Settings {
  const entries = listAttributes(body).flatMap(([name, expression]) => {
    if (skipped.includes(name)) return [];
    const value = evaluateExpression(expression, scope);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

function listAttributes(body: Node | undefined): readonly (readonly [string, Node])[] {
  return (body?.namedChildren ?? []).flatMap((child) => {
    if (child?.type !== 'attribute') return [];
    const [name, expression] = child.namedChildren;
    return name == null || expression == null ? [] : [[name.text, expression] as const];
  });
}

function collectLocals(body: Node | undefined): ReadonlyMap<string, Node> {
  const locals = listBlocks(body).filter((block) => block.namedChildren[0]?.text === 'locals');
  return new Map(
    locals.flatMap((block) => listAttributes(block.namedChildren.find((child) => child?.type === 'body') ?? undefined)),
  );
}

/** In legacy JSON a block that may repeat is a list, and one that may not is an object. */
const REPEATED = new Set(['launch_block_device_mappings', 'ami_block_device_mappings']);

function gather(blocks: readonly HclBlock[]): Settings {
  const types = [...new Set(blocks.map(({ type }) => type))].filter((type) => type !== 'provisioner');
  return Object.fromEntries(
    types.map((type) => {
      const found = blocks.filter((block) => block.type === type).map(({ settings }) => settings);
      return [type, REPEATED.has(type) || found.length > 1 ? found : found[0]];
    }),
  );
}
