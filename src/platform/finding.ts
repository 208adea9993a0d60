import { toPrintable } from '../config/printable.js';
import { createError, type ErrorCode, type MessageValues } from '../errors.js';

/** One thing that a person should know about an archive. */
export interface PlatformFinding {
  /** Errors keep the archive from working, or its reader from being safe; warnings are traps. */
  readonly severity: 'error' | 'warning';
  readonly code: ErrorCode;
  /** Entry of the archive; empty for the archive as a whole. */
  readonly path: string;
  /** Both from 1. */
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
  readonly hint?: string;
}

export interface FindingPlace {
  readonly path: string;
  readonly line?: number;
  readonly column?: number;
  /** Errors unless said otherwise. */
  readonly severity?: 'warning';
}

/** A finding with the texts of `code` in the table of errors. */
export function makeFinding<C extends ErrorCode>(
  code: C,
  { severity, ...place }: FindingPlace,
  values: MessageValues<C>,
): PlatformFinding {
  const { message, hint } = createError(code, values);
  const { path, line, column } = place;
  // Names and values come from strangers, and terminals obey what they print.
  return {
    severity: severity ?? 'error',
    code,
    path: toPrintable(path),
    ...(line !== undefined && column !== undefined && { line, column }),
    message: toPrintable(message),
    ...(hint && { hint: toPrintable(hint) }),
  };
}
