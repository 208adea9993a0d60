import type { Command } from 'commander';
import type { ExitCode } from '../errors.js';
import type { CliContext } from './cli-context.js';

/** Makes a command's action of a function that takes the context, the options and the positional arguments. */
export type RunCommand = (
  act: (cli: CliContext, options: never, positionals: readonly never[]) => Promise<ExitCode>,
) => (...all: unknown[]) => Promise<void>;

/** A command that takes the exit handling and the help settings of its parent. */
export function command(parent: Command, name: string, summary: string): Command {
  return parent.command(name).description(summary).copyInheritedSettings(parent);
}
