import { getRun } from '../../build/read-runs.js';
import { createError, type ExitCode } from '../../errors.js';
import type { CliContext } from '../cli-context.js';
import { type BuildOptions, build } from './build.js';

export type ResumeOptions = Pick<BuildOptions, 'json' | 'events' | 'packer' | 'var'>;

/** Goes on with a run whose process ended without a word; from its own config, which must make the same image still. */
export async function resume(id: string, options: ResumeOptions, cli: CliContext): Promise<ExitCode> {
  const run = await getRun(id, cli.environment);
  if (run.state !== 'dead' && run.state !== 'running') throw createError('RUN_IS_OVER', [id, run.state]);
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
