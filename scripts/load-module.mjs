import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ROOT } from './prepare.mjs';

/** Imports a TypeScript module of this project, given relative to its root, from a script in plain JavaScript. */
export async function loadModule(entry) {
  // Below node_modules, so that packages are found from there.
  const folder = mkdtempSync(join(ROOT, 'node_modules', '.module-'));
  try {
    const outfile = join(folder, 'module.mjs');
    await build({
      entryPoints: [join(ROOT, entry)],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      logLevel: 'error',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
