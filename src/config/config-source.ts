import type { ConfigPath } from './config-path.js';
import type { ProblemDraft } from './problem.js';

/** A stretch of the text, in UTF-16 units from its start. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A config as it was written: what it says, and where it says so. Made by parse-yaml.ts and run-typescript.ts. */
export interface ConfigSource {
  readonly text: string;
  /** Plain data as written, references not yet replaced; undefined when the text could not be understood. */
  readonly value: unknown;
  readonly problems: readonly ProblemDraft[];
  /** Where the key or the value at `path` stands; of a path that is not there, the nearest one above it. */
  locate(path: ConfigPath, target: 'key' | 'value'): Span;
}
