import type { FileEntry } from '../tree/file-tree.js';
import type { RuleContext } from './context.js';
import { expandGlob } from './glob.js';

/** Like expandGlob, with `~/` at the start standing for every home of the target. */
export async function expandHomeGlob(context: RuleContext, pattern: string): Promise<readonly FileEntry[]> {
  if (!pattern.startsWith('~/')) return expandGlob(context.tree, pattern);
  const { homes } = await context.accounts();
  return homes.flatMap((home) => expandGlob(context.tree, escapeGlob(home.path) + pattern.slice(1)));
}

/** A folder name with a wildcard in it must not become one. */
function escapeGlob(path: string): string {
  return path.replace(/[*?[\]{}]/g, '?');
}
