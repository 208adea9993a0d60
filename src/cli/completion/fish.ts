import { type CompletionCommand, listCommands } from './command-tree.js';

/** A script for fish to source. */
export function renderFishCompletion(tree: CompletionCommand): string {
  const { name } = tree;
  const paths = listCommands(tree).flatMap(({ path }) => (path === '' ? [] : [quote(` ${path}`)]));
  return [
    `# Completion for fish: ${name} completion fish | source`,
    `function __${name}_at`,
    '  set -l path',
    '  for word in (commandline -opc)[2..]',
    `    contains -- "$path $word" ${paths.join(' ')}; and set path "$path $word"`,
    '  end',
    '  test "$path" = "$argv[1]"',
    'end',
    ...listCommands(tree).flatMap((command) => renderCommand(name, command)),
  ].join('\n');
}

function renderCommand(program: string, { path, options, subcommands }: CompletionCommand): readonly string[] {
  const at = `complete -c ${program} -n ${quote(`__${program}_at "${path === '' ? '' : ` ${path}`}"`)}`;
  return [
    ...subcommands.map(({ name, summary }) => `${at} -f -a ${name} -d ${quote(summary)}`),
    ...options.map(({ flags, summary, takesValue, choices }) => {
      const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
      const values = choices.length > 0 ? ` -x -a ${quote(choices.join(' '))}` : takesValue ? ' -r' : '';
      return `${at} ${names.join(' ')}${values} -d ${quote(summary)}`;
    }),
  ];
}

/** In single quotes fish gives a meaning to these two only. */
function quote(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
}
