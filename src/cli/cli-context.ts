import type { ExitCode } from '../errors.js';
import type { Output } from './output.js';
import type { Paint } from './paint.js';

/** What every command gets: the process, with everything that it would otherwise reach for by itself. */
export interface CliContext {
  readonly output: Output;
  readonly paint: Paint;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly currentDirectory: string;
  readonly stderr: NodeJS.WriteStream;
  readonly now: () => number;
  /** File named with --config. */
  readonly configFile: string | undefined;
  readonly quiet: boolean;
  /** From --no-scripts: a config that is a program is refused. */
  readonly noScripts: boolean;
  /** Shows an error without ending the command. */
  readonly showError: (error: unknown) => Promise<ExitCode>;
  /** How to start this program again: node and the path of its entry. */
  readonly program: { readonly node: string; readonly entry: string };
}
