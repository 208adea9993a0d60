import { type CompletionCommand, listCommands } from './command-tree.js';

/** A script for bash to source. Where nothing fits, bash completes file names. */
export function renderBashCompletion(tree: CompletionCommand): string {
  const commands = listCommands(tree);
  const paths = commands.filter(({ path }) => path !== '').map(({ path }) => `"${path}"`);
  return [
    `# Completion for bash: source <(${tree.name} completion bash)`,
    `_${tree.name}() {`,
    '  local path="" next words="" values="" current=${COMP_WORDS[COMP_CWORD]} i',
    '  for ((i = 1; i < COMP_CWORD; i++)); do',
    '    next="${path:+$path }${COMP_WORDS[i]}"',
    `    case $next in ${paths.join(' | ')}) path=$next ;; esac`,
    '  done',
    '  case "$path:${COMP_WORDS[COMP_CWORD - 1]}" in',
    ...commands.flatMap(renderValues),
    '  esac',
    '  if [ -n "$values" ]; then',
    '    [ "$values" = FILE ] || COMPREPLY=($(compgen -W "$values" -- "$current"))',
    '    return',
    '  fi',
    '  case "$path:$current" in',
    ...commands.flatMap(renderWords),
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '}',
    `complete -o default -F _${tree.name} ${tree.name}`,
  ].join('\n');
}

/** What stands after an option that takes a value; FILE: leave it to bash. */
function renderValues({ path, options }: CompletionCommand): readonly string[] {
  return options
    .filter(({ takesValue }) => takesValue)
    .map(({ flags, choices }) => {
      const patterns = flags.map((flag) => `"${path}:${flag}"`).join(' | ');
      return `    ${patterns}) values="${choices.length === 0 ? 'FILE' : choices.join(' ')}" ;;`;
    });
}

function renderWords({ path, options, subcommands }: CompletionCommand): readonly string[] {
  const flags = options.flatMap((option) => option.flags.filter((flag) => flag.startsWith('--')));
  const names = subcommands.map(({ name }) => name);
  return [`    "${path}:-"*) words="${flags.join(' ')}" ;;`, `    "${path}:"*) words="${names.join(' ')}" ;;`];
}
