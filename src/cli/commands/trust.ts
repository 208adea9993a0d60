import { isScript } from '../../config/load-config.js';
import { createError, ExitCode } from '../../errors.js';
import type { CliContext } from '../cli-context.js';
import { findChosenConfig } from '../load-images.js';
import { trustConfig } from '../trusted-configs.js';

/** Lets the config of this folder, which is a program, see the whole environment for as long as it stays as it is. */
export async function trust(cli: CliContext): Promise<ExitCode> {
  const file = await findChosenConfig(cli);
  if (!isScript(file)) throw createError('USAGE', [`${file} is no program: there is nothing to trust`]);
  await trustConfig(file, cli.environment);
  cli.output.answer(`${file} sees the whole environment until it changes`);
  return ExitCode.done;
}
