import { getEndedRun, getRun } from '../../build/read-runs.js';
import { createError, type ExitCode } from '../../errors.js';
import type { CliContext } from '../cli-context.js';
import { describeDamage } from '../describe-damage.js';
import { type BuildOptions, build } from './build.js';

export interface ResumeOptions extends Pick<BuildOptions, 'json' | 'events' | 'packer' | 'var'> {
  readonly assumeDead?: boolean;
}

// Whoever holds a run that goes on, or may do so, is told when its lock is asked for.
const RESUMABLE: ReadonlySet<string> = new Set(['dead', 'running', 'unknown']);

/** Goes on with a run whose process ended without a word; from its own config, which must make the same image still. */
export async function resume(
  id: string,
  { assumeDead = false, ...options }: ResumeOptions,
  cli: CliContext,
): Promise<ExitCode> {
  const run = await (assumeDead ? getEndedRun : getRun)(id, cli.environment, process.pid);
  if (!RESUMABLE.has(run.state)) throw createError('RUN_IS_OVER', [id, run.state]);
  const damage = describeDamage(run);
  if (damage !== undefined) {
    // Going on would end in removing an image that others use, or in making a second one of everything.
    if (run.region === '' || run.mayBePublished) throw createError('JOURNAL_DAMAGED', [id, damage]);
    cli.output.progress(`${id}: ${damage}; resume goes by the rest of it.`);
  }
  if (run.registration !== undefined) {
    const { resumeRegistration } = await import('./register.js');
    return await resumeRegistration(run.registration, { ...options, run }, cli);
  }
  return await build(
    [run.image],
    {
      ...options,
      sandbox: run.endpoint !== undefined,
      resume: run,
      ...(run.builder === undefined ? {} : { builder: run.builder }),
    },
    { ...cli, configFile: cli.configFile ?? run.configFile },
  );
}
