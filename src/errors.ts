// Every error that a user can meet, in one table. The code is the key, so the two cannot drift apart; docs/errors.md is
// generated from here and a test holds it current. A message says what happened, with the value; a hint says what to do.

import { buildErrors } from './errors/build-errors.js';
import { catalogueErrors } from './errors/catalogue-errors.js';
import { configErrors } from './errors/config-errors.js';
import { planErrors } from './errors/plan-errors.js';
import { platformErrors } from './errors/platform-errors.js';
import { platformServiceErrors } from './errors/platform-service-errors.js';
import { publishErrors } from './errors/publish-errors.js';
import { registerErrors } from './errors/register-errors.js';
import { runErrors } from './errors/run-errors.js';
import { sandboxErrors } from './errors/sandbox-errors.js';
import { scanErrors } from './errors/scan-errors.js';
import { ExitCode } from './exit-code.js';

export { ExitCode } from './exit-code.js';

interface ErrorDefinition {
  readonly exit: ExitCode;
  readonly message: (...values: never[]) => string;
  /** A hint that has nothing to say for these values is undefined or empty. */
  readonly hint?: string | ((...values: never[]) => string | undefined);
}

/** Keeps the literal type of each entry while checking its shape. */
export function defineErrors<T extends Record<string, ErrorDefinition>>(table: T): T {
  return table;
}

export const errors = defineErrors({
  USAGE: { exit: ExitCode.usage, message: (problem: string) => problem, hint: 'Run buildimg --help.' },
  INTERRUPTED: {
    exit: ExitCode.interrupted,
    message: (signal: string, outcome?: string) =>
      outcome === undefined ? `Interrupted by ${signal}` : `Interrupted by ${signal}; ${outcome}`,
  },
  ...buildErrors,
  ...catalogueErrors,
  ...configErrors,
  ...planErrors,
  ...platformServiceErrors,
  ...platformErrors,
  ...publishErrors,
  ...registerErrors,
  ...runErrors,
  ...sandboxErrors,
  ...scanErrors,
});

export type ErrorCode = keyof typeof errors;
export type MessageValues<C extends ErrorCode> = Parameters<(typeof errors)[C]['message']>;

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
      ? (definition.hint as (...all: unknown[]) => string | undefined)(...values)
      : definition.hint;
  return new BuildimgError(code, message, definition.exit, hint, options);
}
