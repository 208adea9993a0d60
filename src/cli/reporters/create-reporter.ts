import type { CliContext } from '../cli-context.js';
import { createLiveReporter } from './live.js';
import { createNdjsonReporter } from './ndjson.js';
import { createPlainReporter } from './plain.js';
import type { Reporter } from './reporter.js';

/** A step list on a terminal, plain lines elsewhere, NDJSON when asked for. */
export function createReporter(cli: CliContext, { ndjson }: { readonly ndjson: boolean }): Reporter {
  if (ndjson) {
    return createNdjsonReporter(cli.output);
  }
  const { output, paint, now, stderr: stream } = cli;
  return output.isTerminal && !cli.quiet
    ? createLiveReporter({ output, stream, paint, now })
    : createPlainReporter(output);
}
