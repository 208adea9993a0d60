import type { Command } from 'commander';

/** What can be typed, read from the commands themselves, so that no list of it can go stale. */
export interface CompletionCommand {
  /** Words after the program's name: `sandbox image build`; empty for the program. */
  readonly path: string;
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletionOption[];
  readonly subcommands: readonly CompletionCommand[];
}

export interface CompletionOption {
  /** `--format`, `-f` */
  readonly flags: readonly string[];
  readonly summary: string;
  readonly takesValue: boolean;
  /** Values that it takes; empty: anything. */
  readonly choices: readonly string[];
}

/** The visible commands and options from `command` down. */
export function describeCommands(command: Command, parentPath?: string): CompletionCommand {
  const name = command.name();
  const path = parentPath === undefined ? '' : `${parentPath} ${name}`.trim();
  const help = command.createHelp();
  return {
    path,
    name,
    summary: command.description(),
    options: help.visibleOptions(command).map(({ long, short, description, required, optional, argChoices }) => ({
      flags: [long, short].filter((flag) => flag !== undefined && flag !== null),
      summary: description,
      takesValue: required || optional,
      choices: argChoices ?? [],
    })),
    subcommands: help.visibleCommands(command).flatMap((each) => {
      // Commander makes `help` up; it takes the names of the others, and `--help` does the same.
      return each.name() === 'help' ? [] : [describeCommands(each, path)];
    }),
  };
}

/** `tree` and everything below it. */
export function listCommands(tree: CompletionCommand): readonly CompletionCommand[] {
  return [tree, ...tree.subcommands.flatMap(listCommands)];
}
