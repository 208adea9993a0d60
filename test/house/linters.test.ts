// The linters are tests, so that one command and one number cover everything.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { listFiles } from '../support/list-files.js';

const NO_PROBLEM = { status: 0, output: expect.anything() };

function runLinter(command: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 300_000 });
  return { status, output: `${stdout}${stderr}` };
}

function listShellFiles(): readonly string[] {
  const scripts = listFiles('.', { extensions: ['.sh'] });
  const hooks = listFiles('examples/postgresql/hooks', { extensions: [''] });
  return [...scripts, ...hooks, '.ci/run'];
}

describe('the code of the project', () => {
  it('passes the type checker', () => {
    const result = runLinter('node_modules/.bin/tsc', ['--noEmit']);

    expect(result).toEqual({ status: 0, output: '' });
  }, 300_000);

  it('passes the linter, which holds the direction of imports', () => {
    const result = runLinter('node_modules/.bin/oxlint', ['--type-aware', '--deny-warnings']);

    expect(result).toEqual(NO_PROBLEM);
  }, 300_000);

  it('is formatted', () => {
    const result = runLinter('node_modules/.bin/biome', ['check', '--error-on-warnings']);

    expect(result).toEqual(NO_PROBLEM);
  }, 300_000);

  it('has no unused file, export or dependency', () => {
    const result = runLinter('node_modules/.bin/knip', ['--no-progress']);

    expect(result).toEqual({ status: 0, output: expect.not.stringContaining('Unused') });
  }, 300_000);

  it('has shell that shellcheck finds no fault in', () => {
    const result = runLinter('shellcheck', ['--external-sources', '--source-path=SCRIPTDIR', ...listShellFiles()]);

    expect(result).toEqual({ status: 0, output: '' });
  }, 300_000);

  it('has no pipe into a grep that stops reading: under pipefail the writer may then fail the line, at times', () => {
    const found = listShellFiles().flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => /\| *grep +(?:-\w+ +)*-\w*q/.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );

    expect(found).toEqual([]);
  });

  it('has shell in the one format', () => {
    const result = runLinter('shfmt', ['-d', '-i', '2', '-ci', ...listShellFiles()]);

    expect(result).toEqual({ status: 0, output: '' });
  }, 300_000);
});
