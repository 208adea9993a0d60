import { createError, type ErrorCode, type MessageValues } from '../errors.js';
import type { ConfigPath } from './config-path.js';
import type { Span } from './config-source.js';

/** One mistake in a config, as a person is told of it. */
export interface Problem {
  /** As the caller named it. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units, as editors count. */
  readonly column: number;
  readonly code: ErrorCode;
  /** Starts with the path in the config, where there is one: `images.web.region: …`. */
  readonly message: string;
  readonly hint?: string;
  /** The line of the text and below it carets under what is meant. */
  readonly frame: string;
}

/** Where a mistake is: at a path, or, when the text could not be understood, at a stretch of it. */
export type ProblemPlace = { readonly path: ConfigPath; readonly target?: 'key' | 'value' } | { readonly span: Span };

/** A mistake that has not yet been looked up in the text. */
export interface ProblemDraft {
  readonly code: ErrorCode;
  readonly place: ProblemPlace;
  readonly message: string;
  readonly hint?: string;
}

/** A problem with the texts of `code` in the table of errors. */
export function draftProblem<C extends ErrorCode>(
  code: C,
  place: ProblemPlace,
  values: MessageValues<C>,
): ProblemDraft {
  const { message, hint } = createError(code, values);
  return { code, place, message, ...(hint && { hint }) };
}
