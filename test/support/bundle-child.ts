import { mkdtempSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const BANNER = [
  "import{createRequire as __createRequire}from'node:module';",
  "import{fileURLToPath as __toPath}from'node:url';",
  'const require=__createRequire(import.meta.url),__filename=__toPath(import.meta.url);',
].join('');

/**
 * Bundles a TypeScript program of test/support, so that it starts as quickly as buildimg itself. Returns its file; its
 * folder, below dist so that templates and provisioners are found from it, is the caller's to remove.
 */
export async function bundleChild(entry: string): Promise<string> {
  const outfile = join(mkdtempSync(resolve('dist', '.child-')), 'child.mjs');
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    external: ['jiti'],
    banner: { js: BANNER },
    logLevel: 'error',
  });
  return outfile;
}
