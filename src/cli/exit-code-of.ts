import { BuildimgError, ExitCode } from '../errors.js';

/** Exit code of an error; anything that is not coded is a bug. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof BuildimgError ? error.exit : ExitCode.bug;
}
