// Every command of the program, by the table that the program itself is made of.
import { describe, expect, it } from '@jest/globals';
import { type Argument, type Command, CommanderError, type Option } from 'commander';
import { createProgram } from '../../src/cli/program.js';

interface CommandLine {
  readonly path: string;
  readonly command: Command;
}

const ORGANIZATION = 'arn:aws:organizations::123456789012:organization/o-abcdefghij';

const lines = listAll({ path: 'buildimg', command: createProgram(() => async () => {}) });
const options = lines.flatMap(({ path, command }) => command.options.map((option) => ({ path, command, option })));

function listAll(line: CommandLine): readonly CommandLine[] {
  const below = line.command.commands.map((command) => ({ path: `${line.path} ${command.name()}`, command }));
  return [line, ...below.flatMap(listAll)];
}

describe('the options of every command', () => {
  it('are looked at: the table has the commands of the program and of its groups', () => {
    const paths = lines.map(({ path }) => path);

    expect(paths).toEqual(expect.arrayContaining(['buildimg gc', 'buildimg sandbox account add']));
    expect(options.length).toBeGreaterThan(100);
  });

  it('take one value each: none takes a variable number of values', () => {
    const variadic = options
      .filter(({ option }) => option.variadic)
      .map(({ path, option }) => `${path} ${option.flags}`);

    expect(variadic).toEqual([]);
  });

  it('have an optional value only where no argument or command could be taken for it', () => {
    const swallowing = options
      .filter(({ command, option }) => option.optional && takesWords(command))
      .map(({ path, option }) => `${path} ${option.flags}`);

    expect(swallowing).toEqual([]);
  });

  it.each(options.filter(({ command }) => command.registeredArguments.length > 0))(
    'leave the arguments behind them to the command: $path $option.long',
    async ({ path, command, option }) => {
      const names = command.registeredArguments.map(writeArgument);
      const given = writeOption(option);

      expect(await parse(path, [...given, ...given, ...names])).toEqual(names);
    },
  );

  it.each([
    ['gc', ['--region', 'us-east-1', 'golden'], ['golden']],
    ['gc', ['--ignore-parameter', '/acme/*', 'golden'], ['golden']],
    ['images', ['-r', 'us-east-1', '-r', 'eu-west-1', 'golden'], ['golden']],
    ['promote', ['--account', '210987654321', 'golden@latest'], ['golden@latest']],
    ['reap', ['--region', 'us-east-1', 'r-1'], ['r-1']],
    ['sandbox account add', ['--member-of', ORGANIZATION, '210987654321'], ['210987654321']],
  ])('%s %j is about %j', async (command, words, named) => {
    expect(await parse(`buildimg ${command}`, words)).toEqual(named);
  });

  it.each([
    ['a region', 'gc', ['--region', 'golden']],
    ['a region of images', 'images', ['--region', 'us-east-1,eu-west-1']],
    ['a region of a platform', 'platform list', ['--region', 'golden']],
    ['a region of the sandbox', 'sandbox launch', ['--region', 'golden', 'ami-1']],
    ['a region of a scan', 'scan', ['--region', '', 'ami-1']],
    ['an account', 'promote', ['--account', 'web@latest', 'golden@latest']],
    ['an account to work in', 'gc', ['--account', '12345']],
    ['an account of the sandbox', 'sandbox env', ['--account', 'second']],
    ['the name of a parameter', 'promote', ['--parameter', '/acme//web', 'golden@latest']],
    ['a pattern of parameters', 'gc', ['--ignore-parameter', 'golden web']],
    ['the name of an image', 'gc', ['golden*']],
    ['the name of an image to list', 'images', ['$(golden)']],
  ])('refuse what is not %s: %s %j', async (_what, command, words) => {
    expect(await parse(`buildimg ${command}`, words)).toBe('refused');
  });
});

function takesWords({ registeredArguments, commands }: Command): boolean {
  return registeredArguments.length > 0 || commands.length > 0;
}

/** An option as a person writes it, with a value that it takes. */
function writeOption({ long, short, required, argChoices, flags }: Option): readonly string[] {
  const name = long ?? short ?? '';
  return required ? [name, argChoices?.[0] ?? sampleOf(flags)] : [name];
}

function writeArgument(argument: Argument): string {
  return argument.argChoices?.[0] ?? sampleOf(argument.name());
}

function sampleOf(text: string): string {
  return SAMPLES.find(([pattern]) => pattern.test(text))?.[1] ?? 'golden';
}

const SAMPLES: readonly (readonly [RegExp, string])[] = [
  [/region/, 'us-east-1'],
  [/account|^id$/, '123456789012'],
  [/member-of/, ORGANIZATION],
  [/delay/, 'image=1'],
  [/shard/, '1/2'],
  [/=value/, 'a=b'],
  [/<n>|minutes/, '1'],
];

/** The positional arguments that a command is run with, or that its words are refused. */
async function parse(path: string, words: readonly string[]): Promise<readonly unknown[] | 'refused'> {
  let seen: readonly unknown[] = [];
  const program = createProgram(() => async (...all: unknown[]) => {
    seen = (all.at(-1) as Command).processedArgs.flat();
  });
  const all = listAll({ path: 'buildimg', command: program });
  for (const { command } of all) command.configureOutput({ writeErr: () => {} });
  const needed = all.find((line) => line.path === path)?.command.options.filter(({ mandatory }) => mandatory) ?? [];
  try {
    await program.parseAsync(['node', ...path.split(' '), ...needed.flatMap(writeOption), ...words]);
    return seen;
  } catch (error) {
    if (error instanceof CommanderError) return 'refused';
    throw error;
  }
}
