import { BuildimgError, createError } from '../errors.js';
import type { Problem } from './problem.js';

export { formatProblems } from './format-problem.js';

/** A config with mistakes: all of them, in the order of the text. Code CONFIG_INVALID. */
export class ConfigInvalidError extends BuildimgError {
  constructor(
    readonly file: string,
    readonly problems: readonly Problem[],
  ) {
    const { code, message, exit, hint } = createError('CONFIG_INVALID', [file, problems.length]);
    super(code, message, exit, hint);
  }
}
