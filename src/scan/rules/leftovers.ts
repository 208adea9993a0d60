import type { FileEntry } from '../tree/file-tree.js';
import type { RuleContext } from './context.js';
import { expandHomeGlob } from './home-glob.js';
import type { Fault } from './rule.js';

/** Files that should not be there, as data: a row a kind. */
export interface Leftover {
  readonly check: string;
  /** Globs; `~/` stands for every home. */
  readonly paths: readonly string[];
  /** What such a file is: `a shell history`. */
  readonly what: string;
  /** Empty files and folders count as well. */
  readonly evenIfEmpty?: boolean;
  readonly except?: (entry: FileEntry) => boolean;
}

/** Every file of the rows that is there, each once a check. */
export async function* listLeftovers(context: RuleContext, rows: readonly Leftover[]): AsyncIterable<Fault> {
  const seen = new Set<string>();
  for (const { check, paths, what, evenIfEmpty, except } of rows) {
    for (const pattern of paths) {
      for (const entry of await expandHomeGlob(context, pattern)) {
        const key = `${check} ${entry.path}`;
        if (seen.has(key) || except?.(entry)) continue;
        if (!evenIfEmpty && (entry.type !== 'file' || entry.size === 0)) continue;
        seen.add(key);
        yield { check, path: entry.path, message: `${entry.path} is ${what}` };
      }
    }
  }
}
