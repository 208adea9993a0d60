// Builds dist/: generated code first, then an ESM bundle that is split at every dynamic import, so that a command loads
// only what it needs. `module` before `main`: the SDK's ESM build is the one that can be tree-shaken.
import { spawnSync } from 'node:child_process';
import { chmod, copyFile, cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { ESM_BANNER } from './esm-banner.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The scripts of the built-in provisioners, one file each. */
const BUNDLES = 'config/generated/provisioners';

generate();
// Into a folder beside it: a failed build leaves the last good one, and whoever runs it does not meet half of the new.
const partial = join(ROOT, `dist.partial-${process.pid}`);
await build({
  absWorkingDir: ROOT,
  entryPoints: { cli: 'src/cli/main.ts', index: 'src/index.ts' },
  outdir: partial,
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.17',
  mainFields: ['module', 'main'],
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: true,
  // jiti brings its own transpiler and finds it by path; it is loaded only for a config in TypeScript.
  external: ['jiti'],
  legalComments: 'none',
  logLevel: 'warning',
  banner: { js: ESM_BANNER },
  plugins: [{ name: 'keep-wasm-runtime', setup: keepWasmRuntime }],
});
// sh-syntax reads its parser from the folder above its own file, which in the bundle is a chunk.
await copyFile(fileURLToPath(import.meta.resolve('sh-syntax/main.wasm')), join(partial, 'main.wasm'));
const cli = join(partial, 'cli.mjs');
await prependShebang(cli);
await chmod(cli, 0o755);
await copyGrammar();
declareTypes();
// Where src/plugins/find-package-folder.ts looks for them, from src/ as from dist/.
await cp(join(ROOT, 'src', BUNDLES), join(partial, BUNDLES), { recursive: true });
await rm(join(ROOT, 'dist'), { recursive: true, force: true });
await rename(partial, join(ROOT, 'dist'));

/** sh-syntax lists the file that defines the global `Go` under another name among those that must not be dropped. */
function keepWasmRuntime({ onResolve }) {
  onResolve({ filter: /\/wasm_exec\.cjs$/ }, ({ path, resolveDir }) => ({
    path: join(resolveDir, path),
    sideEffects: true,
  }));
}

function generate() {
  const { status } = spawnSync(process.execPath, [join(ROOT, 'scripts', 'generate.mjs')], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (status !== 0) {
    process.exit(status ?? 1);
  }
}

/** The types of the library's entry, one file a module; `index.d.ts` is what package.json names. */
function declareTypes() {
  const flags = ['--ignoreConfig', '--declaration', '--emitDeclarationOnly', '--strict', '--skipLibCheck'];
  const target = ['--target', 'ES2022', '--module', 'NodeNext', '--moduleResolution', 'NodeNext', '--types', 'node'];
  const folders = ['--rootDir', 'src', '--outDir', partial];
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [tsc, ...flags, ...target, ...folders, 'src/index.ts'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (status !== 0) {
    process.exit(status ?? 1);
  }
}

/** WebAssembly cannot be bundled into JavaScript; src/platform/import/grammar-file.ts looks for it here. */
async function copyGrammar() {
  const folder = join(partial, 'grammar');
  await mkdir(folder);
  const hcl = '@tree-sitter-grammars/tree-sitter-hcl/tree-sitter-hcl.wasm';
  for (const file of ['web-tree-sitter/web-tree-sitter.wasm', hcl]) {
    await copyFile(join(ROOT, 'node_modules', file), join(folder, basename(file)));
  }
}

async function prependShebang(file) {
  await writeFile(file, `#!/usr/bin/env node\n${await readFile(file, 'utf8')}`);
}
