import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createError, ExitCode } from '../../errors.js';
import { loadSandboxFaults } from '../../sandbox/daemon.js';
import type { CliContext } from '../cli-context.js';
import { findSandboxPaths } from '../sandbox-session.js';

/** `sandbox faults`: from now on calls go wrong as a file says; without a file none do. */
export async function faults(file: string | undefined, cli: CliContext): Promise<ExitCode> {
  const plan = file === undefined ? {} : await readPlan(resolve(cli.currentDirectory, file));
  await loadSandboxFaults(findSandboxPaths(cli).stateDir, plan);
  cli.output.answer(file === undefined ? 'Nothing goes wrong on purpose any more.' : `Faults as in ${file}.`);
  return ExitCode.done;
}

async function readPlan(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as unknown;
  } catch (error) {
    throw createError('SANDBOX_FAULTS_INVALID', [`${file}: ${(error as Error).message}`], { cause: error });
  }
}
