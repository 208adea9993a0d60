import { mkdtempSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { ESM_BANNER } from '../../scripts/esm-banner.mjs';

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
    banner: { js: ESM_BANNER },
    logLevel: 'error',
  });
  return outfile;
}
