import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createError, ExitCode } from '../../errors.js';
import { loadSandboxPolicy } from '../../sandbox/daemon.js';
import type { CliContext } from '../cli-context.js';
import { findSandboxPaths } from '../sandbox-session.js';

/** `sandbox policy`: from now on only what a file allows is let through; without a file everything is. */
export async function policy(file: string | undefined, cli: CliContext): Promise<ExitCode> {
  const policies = file === undefined ? undefined : await readPolicies(resolve(cli.currentDirectory, file));
  await loadSandboxPolicy(findSandboxPaths(cli).stateDir, policies);
  cli.output.answer(file === undefined ? 'Everything is allowed again.' : `Only what ${file} allows is let through.`);
  return ExitCode.done;
}

async function readPolicies(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as unknown;
  } catch (error) {
    throw createError('SANDBOX_POLICY_INVALID', [`${file}: ${(error as Error).message}`], { cause: error });
  }
}
