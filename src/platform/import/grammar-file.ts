import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Package that brings each file; scripts/build.mjs puts copies into dist/grammar/. */
const PACKAGES = {
  'web-tree-sitter.wasm': 'web-tree-sitter/web-tree-sitter.wasm',
  'tree-sitter-hcl.wasm': '@tree-sitter-grammars/tree-sitter-hcl/tree-sitter-hcl.wasm',
} as const;

/** Absolute path of a WebAssembly file: beside the bundle, or in the package that brings it. */
export function findGrammarFile(name: keyof typeof PACKAGES): string {
  const bundled = ['./grammar/', '../grammar/'].map((folder) => fileURLToPath(new URL(folder + name, import.meta.url)));
  return bundled.find((path) => existsSync(path)) ?? createRequire(import.meta.url).resolve(PACKAGES[name]);
}
