import { ConfigInvalidError, formatProblems } from '../config/config-invalid-error.js';
import { BuildimgError, ExitCode } from '../errors.js';
import type { Paint } from './paint.js';

export interface PrintErrorOptions {
  readonly write: (line: string) => void;
  readonly paint: Paint;
  readonly hasColor: boolean;
  /** Paths below it are shown relative to it. */
  readonly currentDirectory: string;
  /** Also show stacks and causes. */
  readonly debug: boolean;
}

/** Shows what went wrong and what to do; returns the exit code that goes with it. */
export function printError(error: unknown, options: PrintErrorOptions): ExitCode {
  if (error instanceof ConfigInvalidError) {
    const { hasColor: color, currentDirectory } = options;
    options.write(formatProblems(error.problems, { color, currentDirectory }));
    return error.exit;
  }
  if (error instanceof BuildimgError) {
    printCoded(error, options);
    return error.exit;
  }
  printBug(error, options);
  return ExitCode.bug;
}

function printCoded(error: BuildimgError, options: PrintErrorOptions): void {
  const { write, paint, debug } = options;
  // What failed first comes first; that something was left behind is the smaller news of the two.
  if (error.code === 'RESOURCES_LEFT_BEHIND' && isWorthShowing(error.cause)) {
    printError(error.cause, options);
  }
  write(`${paint.bad(error.code)} ${error.message}`);
  if (error.hint !== undefined && error.hint !== '') {
    write(`  ${paint.quiet(error.hint)}`);
  }
  for (const suppressed of error.suppressed) {
    printError(suppressed, options);
  }
  if (debug) {
    write(error.stack ?? '');
    write(error.cause === undefined ? '' : `Cause: ${describeStack(error.cause)}`);
  }
}

// INTERRUPTED says that everything was removed, which is not so here.
function isWorthShowing(cause: unknown): boolean {
  return cause !== undefined && !(cause instanceof BuildimgError && cause.code === 'INTERRUPTED');
}

function printBug(error: unknown, { write, paint }: PrintErrorOptions): void {
  write(`${paint.bad('BUG')} ${error instanceof Error ? error.message : String(error)}`);
  write('  This is a fault in buildimg, not in your config. Please report it with the lines below and the output of');
  write('  `buildimg doctor`; take out what is confidential.');
  write(describeStack(error));
}

function describeStack(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
