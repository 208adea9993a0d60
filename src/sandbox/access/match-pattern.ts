import { compileGlob } from '../../lib/globs/compile-glob.js';

/** `*` is any run of characters, `?` is one. */
export function matchesPattern(pattern: string, text: string): boolean {
  return compileGlob(pattern, {})(text);
}
