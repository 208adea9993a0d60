import type { CliContext } from '../cli-context.js';
import { createFleetReporter } from './fleet.js';
import { createLiveReporter } from './live.js';
import { createNdjsonReporter } from './ndjson.js';
import { createPlainReporter } from './plain.js';
import type { Reporter } from './reporter.js';

/** A step list on a terminal, counts for many images, plain lines elsewhere, NDJSON when asked for. */
export function createReporter(
  cli: CliContext,
  { ndjson, images = 1 }: { readonly ndjson: boolean /** That will be built. */; readonly images?: number },
): Reporter {
  if (ndjson) {
    return createNdjsonReporter(cli.output);
  }
  const { output, paint, now, stderr: stream } = cli;
  if (!output.isTerminal || cli.quiet) return createPlainReporter(output);
  const options = { output, stream, paint, now };
  return images > MOST_STEP_LISTS ? createFleetReporter({ ...options, images }) : createLiveReporter(options);
}

/** More images than these would chase each other's steps off the screen. */
const MOST_STEP_LISTS = 4;
