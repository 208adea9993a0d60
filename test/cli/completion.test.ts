import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { type CompletionCommand } from '../../src/cli/completion/command-tree.js';
import { renderFishCompletion } from '../../src/cli/completion/fish.js';

const CLI = 'dist/cli.mjs';

describe('buildimg completion', () => {
  it.each([
    ['the commands', ['val'], ['validate']],
    ['commands of commands', ['sandbox', 'image', ''], ['build', 'import', 'list']],
    ['options', ['build', '--ev'], ['--events']],
    ['options after other words', ['scan', 'rootfs', '--po'], ['--policy']],
    ['the values of an option', ['scan', '--format', 's'], ['sarif', 'spdx']],
    ['the values of a short option', ['render', '-t', ''], ['packer-json', 'packer-hcl2', 'eb-platform', 'eb-ami']],
    ['nothing where a file is meant, which is for bash to complete', ['scan', '--output', ''], []],
    ['nothing for what is no command', ['nope'], []],
  ])('completes %s in bash', (_what, words, expected) => {
    const completed = completeInBash(['buildimg', ...words]);

    expect(completed).toEqual(expected);
  });

  it('offers the commands that are in --help, and no hidden one', () => {
    const help = execFileSync('node', [CLI, '--help'], { encoding: 'utf8' });

    const completed = completeInBash(['buildimg', '']);

    const shown = [...help.matchAll(/^ {2}([a-z][a-z-]+)/gm)].map(([, name]) => name).filter((name) => name !== 'help');
    expect(completed).toEqual(shown);
    expect(completeInBash(['buildimg', 'sandbox', 's'])).toEqual(['status', 'ssh']);
  });

  it('quotes summaries for fish', () => {
    const option = { flags: ['--os', '-o'], summary: "the vendor's \\ own", takesValue: true, choices: ['a', 'b'] };
    const tree: CompletionCommand = { path: '', name: 'x', summary: '', options: [option], subcommands: [] };

    const script = renderFishCompletion(tree);

    expect(script).toContain(`-l os -s o -x -a 'a b' -d 'the vendor\\'s \\\\ own'`);
  });
});

function completeInBash(words: readonly string[]): readonly string[] {
  const script = `source <(node ${CLI} completion bash)
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_buildimg
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' });
  return output.split('\n').filter((line) => line !== '');
}
