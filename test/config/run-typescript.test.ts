import { describe, expect, it } from '@jest/globals';
import { findProblems, findProblemsInText, withConfig } from './support/find-problems.js';

const place = (text: string) => withConfig(text, (file) => findProblems(file), 'buildimg.ts');

describe('a config that is a program', () => {
  it.each([
    ['a function', '() => 1', 'a function'],
    ['a promise', 'Promise.resolve(1)', 'a promise'],
    ['a date', 'new Date()', 'a Date'],
    ['a map', 'new Map()', 'a Map'],
    ['a symbol', 'Symbol("x")', 'a symbol'],
  ])('is refused with its place for %s', async (_what, expression, kind) => {
    const problems = await place(`export default {\n  version: 1,\n  images: {\n    web: ${expression},\n  },\n};\n`);

    expect(problems).toContainEqual(
      expect.objectContaining({ code: 'CONFIG_NOT_DATA', line: 4, message: expect.stringContaining(kind) }),
    );
  });

  it.each([
    ['throws', 'throw new Error("no such team");', 'no such team'],
    ['ends the process', 'process.exit(7);', 'exit code 7'],
  ])('that %s is refused with what happened', async (_what, line, reason) => {
    const problems = await place(`${line}\nexport default {};\n`);

    expect(problems).toMatchObject([{ code: 'CONFIG_SCRIPT_FAILED', message: expect.stringContaining(reason) }]);
  });

  it('in YAML is none', async () => {
    expect((await findProblemsInText('version: 1\n')).map(({ code }) => code)).not.toContain('CONFIG_SCRIPT_FAILED');
  });
});
