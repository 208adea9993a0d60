import { getSchemaText } from '../../config/schema-text.js';
import { ExitCode } from '../../errors.js';
import type { CliContext } from '../cli-context.js';

/** Prints the JSON Schema of the config, for editors. */
export async function schema(cli: CliContext): Promise<ExitCode> {
  cli.output.answer(getSchemaText().trimEnd());
  return ExitCode.done;
}
