// Every error that a user can meet, in one table. The code is the key, so the two cannot drift apart; docs/errors.md is
// generated from here and a test holds it current. A message says what happened, with the value; a hint says what to do.

/** Exit codes of the command line; README.md has the table for users. */
export const ExitCode = {
  done: 0,
  bug: 1,
  usage: 2,
  missing: 3,
  buildFailed: 4,
  findings: 5,
  leftBehind: 6,
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

interface ErrorDefinition {
  readonly exit: ExitCode;
  readonly message: (...values: never[]) => string;
  readonly hint?: string | ((...values: never[]) => string);
}

/** Keeps the literal type of each entry while checking its shape. */
export function defineErrors<T extends Record<string, ErrorDefinition>>(table: T): T {
  return table;
}

export const errors = defineErrors({
  USAGE: { exit: ExitCode.usage, message: (problem: string) => problem, hint: 'Run buildimg --help.' },
  INTERRUPTED: {
    exit: ExitCode.interrupted,
    message: (signal: string) => `Interrupted by ${signal}; what was created has been removed`,
  },
});

export type ErrorCode = keyof typeof errors;
type MessageValues<C extends ErrorCode> = Parameters<(typeof errors)[C]['message']>;

export interface ErrorOptions {
  readonly cause?: unknown;
  /** Errors met while cleaning up after this one; they never hide it. */
  readonly suppressed?: readonly unknown[];
}

/** An error that a user can act on. Printed as message and hint, without a stack. */
export class BuildimgError extends Error {
  override readonly name = 'BuildimgError';
  readonly suppressed: readonly unknown[];

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly exit: ExitCode,
    readonly hint: string | undefined,
    options: ErrorOptions = {},
  ) {
    super(message, { cause: options.cause });
    this.suppressed = options.suppressed ?? [];
  }
}

/** Makes the error `code` with its message built from `values`. */
export function createError<C extends ErrorCode>(
  code: C,
  values: MessageValues<C>,
  options: ErrorOptions = {},
): BuildimgError {
  const definition: ErrorDefinition = errors[code];
  const message = (definition.message as (...all: unknown[]) => string)(...values);
  const hint =
    typeof definition.hint === 'function'
      ? (definition.hint as (...all: unknown[]) => string)(...values)
      : definition.hint;
  return new BuildimgError(code, message, definition.exit, hint, options);
}
