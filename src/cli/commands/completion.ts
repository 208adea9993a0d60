import type { Command } from 'commander';
import { ExitCode } from '../../errors.js';
import type { CliContext } from '../cli-context.js';
import { renderBashCompletion } from '../completion/bash.js';
import { type CompletionCommand, describeCommands } from '../completion/command-tree.js';
import { renderFishCompletion } from '../completion/fish.js';

type Shell = 'bash' | 'zsh' | 'fish';

/** Prints a script that makes `shell` complete the commands and options of `program`. */
export async function completion(shell: Shell, program: Command, cli: CliContext): Promise<ExitCode> {
  cli.output.answer(RENDERERS[shell](describeCommands(program)));
  return ExitCode.done;
}

const RENDERERS: Readonly<Record<Shell, (tree: CompletionCommand) => string>> = {
  bash: renderBashCompletion,
  fish: renderFishCompletion,
  zsh: (tree) =>
    [
      `# Completion for zsh: source <(${tree.name} completion zsh)`,
      'autoload -Uz compinit bashcompinit && compinit && bashcompinit',
      renderBashCompletion(tree),
    ].join('\n'),
};
