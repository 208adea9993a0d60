import { homedir } from 'node:os';
import { join } from 'node:path';

/** A folder outside the checkout, for what tests make or install once and keep from run to run. */
export function findCacheFolder(...names: readonly string[]): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'buildimg', ...names);
}
