import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../src/config/load-config.js';
import { findScriptProblems } from '../../../src/config/scripts/find-script-problems.js';
import { withConfig } from '../support/find-problems.js';

const folder = fileURLToPath(new URL('./broken', import.meta.url));

describe('findScriptProblems', () => {
  it('names the first mistake of every script, at its place in the script or in the config', async () => {
    const problems = await findIn(path.join(folder, 'buildimg.yaml'));

    expect(problems.map(({ file, line, column, code }) => [path.relative(folder, file), line, column, code])).toEqual([
      ['scripts/unclosed-if', 2, 1, 'CONFIG_SCRIPT_SYNTAX'],
      ['scripts/bash-under-sh', 2, 6, 'CONFIG_SCRIPT_BASH'],
      ['scripts/no-shebang', 2, 19, 'CONFIG_SCRIPT_SYNTAX'],
      ['buildimg.yaml', 15, 37, 'CONFIG_SCRIPT_SYNTAX'],
      ['buildimg.yaml', 20, 15, 'CONFIG_SCRIPT_SYNTAX'],
      ['buildimg.yaml', 22, 27, 'CONFIG_SCRIPT_SYNTAX'],
    ]);
  });

  it('shows the line of the script with a caret', async () => {
    const [problem] = await findIn(path.join(folder, 'buildimg.yaml'));

    expect(problem?.frame).toBe('2 | if true; then\n  | ^');
    expect(problem?.message).toBe('A shell stops here: `if` statement must end with `fi`');
  });

  it('masks a secret that the mistaken line holds', async () => {
    const text = config(`variables: { token: { secret: true } }`, ['"login tell-nobody )"']);

    const problems = await withConfig(text, (file) => findIn(file, { token: 'tell-nobody' }));

    expect(problems).toHaveLength(1);
    expect(JSON.stringify(problems)).not.toContain('tell-nobody');
  });

  it.each([
    ['a hundred thousand brackets', `"${'('.repeat(100_000)}"`],
    ['half a megabyte', `"echo ${'a '.repeat(250_000)}"`],
  ])('ends without a word on %s, which the parser cannot hold', async (_what, line) => {
    const problems = await withConfig(config('', [line]), (file) => findIn(file));

    expect(problems).toEqual([]);
  });
});

async function findIn(file: string, variables: Readonly<Record<string, string>> = {}) {
  return findScriptProblems(await loadConfig({ file, variables, environment: {} }));
}

function config(head: string, lines: readonly string[]): string {
  return `version: 1
${head}
images:
  web:
    version: 1.0.0
    source: { os: debian-12 }
    provisioners: [{ shell: { inline: [${lines.join(', ')}] } }]
`;
}
