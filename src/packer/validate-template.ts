import { createError } from '../errors.js';
import type { PackerBinary } from './find-packer.js';
import { runTool } from './run-tool.js';

export interface ValidateTemplateOptions {
  readonly packer: PackerBinary;
  /** Name of the image, for the message. */
  readonly image: string;
  /** Folder that the template was rendered into. */
  readonly directory: string;
  /** File inside `directory`. */
  readonly template: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Absolute path of a file with more of them: the secret ones. */
  readonly variablesFile?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

const VALIDATE_LIMIT_MS = 60_000;

/**
 * Runs `packer validate`. It makes no AWS call: a wrong subnet or a taken name is only found by the build.
 * @throws PACKER_REFUSED_TEMPLATE with Packer's own words.
 */
export async function validateTemplate(options: ValidateTemplateOptions): Promise<void> {
  const { exitCode, stdout, stderr } = await runTool({
    path: options.packer.path,
    args: ['validate', ...variableArguments(options), options.template],
    directory: options.directory,
    environment: options.environment,
    limitMs: VALIDATE_LIMIT_MS,
    signal: options.signal,
  });
  options.signal.throwIfAborted();
  if (exitCode !== 0) {
    const words = `${stdout}\n${stderr}`.trim();
    throw createError('PACKER_REFUSED_TEMPLATE', [options.image, words || `no answer within ${VALIDATE_LIMIT_MS} ms`]);
  }
}

/** `-var name=value` for each. Never for secrets, which come by file: every user of the machine can read a command line. */
export function variableArguments({
  variables,
  variablesFile,
}: Pick<ValidateTemplateOptions, 'variables' | 'variablesFile'>): readonly string[] {
  const given = Object.entries(variables).flatMap(([name, value]) => ['-var', `${name}=${value}`]);
  return variablesFile === undefined ? given : [...given, `-var-file=${variablesFile}`];
}
