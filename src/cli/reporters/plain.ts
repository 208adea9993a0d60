import { stripVTControlCharacters } from 'node:util';
import type { BuildimgEvent } from '../../events.js';
import { formatDuration } from '../format-duration.js';
import type { Output } from '../output.js';
import type { Reporter } from './reporter.js';
import { formatResource, formatRunFinished, formatScan } from './words.js';

/** One line for each event, for logs and pipes. With `quiet` only what matters afterwards. */
export function createPlainReporter(output: Output): Reporter {
  const write = (line: string): void => output.progress(line);
  return {
    receive(event) {
      const line = formatEvent(event);
      if (line !== undefined) {
        write(line);
      }
    },
    say: write,
    close: () => undefined,
  };
}

function formatEvent(event: BuildimgEvent): string | undefined {
  switch (event.name) {
    case 'run.started':
      return `${event.image}: run ${event.run} for ${event.amiName}`;
    case 'run.finished':
      return formatRunFinished(event);
    case 'step.started':
      return `> ${event.step}`;
    case 'step.finished':
      return `< ${event.step} (${formatDuration(event.elapsedMs)})`;
    case 'step.failed':
      return `! ${event.step} (${formatDuration(event.elapsedMs)}): ${event.reason}`;
    case 'output.received':
      // Colors of what a script prints; the rest is shown.
      return `  ${stripVTControlCharacters(event.line)}`;
    case 'resource.created':
      return `  made ${formatResource(event)}`;
    case 'resource.removed':
      return `  removed ${formatResource(event)}`;
    case 'scan.finished':
      return `  ${formatScan(event)}`;
    case 'warning.raised':
    default:
      return `warning: ${event.message}`;
  }
}
