// The step list of a terminal: finished steps scroll away above, what goes on is redrawn below.
import { stripVTControlCharacters } from 'node:util';
import type { BuildimgEvent } from '../../events.js';
import { formatDuration } from '../format-duration.js';
import type { Output } from '../output.js';
import type { Paint } from '../paint.js';
import { fitToWidth } from './fit-to-width.js';
import { openLiveArea, type Terminal } from './live-area.js';
import type { Reporter } from './reporter.js';
import { formatResource, formatRunFinished, formatScan } from './words.js';

interface RunningStep {
  readonly step: string;
  readonly startedAt: number;
  lastLine: string;
}

export interface LiveReporterOptions {
  readonly output: Output;
  readonly stream: NodeJS.WriteStream;
  readonly paint: Paint;
  readonly now: () => number;
}

export function createLiveReporter({ output, stream, paint, now }: LiveReporterOptions): Reporter {
  const running = new Map<string, RunningStep>();
  const area = openLiveArea({
    output,
    stream,
    draw: (terminal) => [...running.values()].flatMap((step) => drawStep(step, terminal)),
  });

  function drawStep({ step, startedAt, lastLine }: RunningStep, { width, spinner }: Terminal): readonly string[] {
    const head = fitToWidth(`${spinner} ${step} ${formatDuration(now() - startedAt)}`, width - 1);
    const tail =
      lastLine === ''
        ? []
        : [paint.quiet(fitToWidth(`  ${output.toShown(stripVTControlCharacters(lastLine))}`, width - 1))];
    return [paint.strong(head), ...tail];
  }

  return {
    receive(event) {
      follow(event, running, now);
      const line = formatLasting(event, paint);
      if (line !== undefined) area.write([line]);
    },
    say: (line) => area.write([line]),
    close: () => area.close(),
  };
}

function follow(event: BuildimgEvent, running: Map<string, RunningStep>, now: () => number): void {
  if (event.name === 'step.started') {
    running.set(event.step, { step: event.step, startedAt: now(), lastLine: '' });
  } else if (event.name === 'step.finished' || event.name === 'step.failed') {
    running.delete(event.step);
  } else if (event.name === 'output.received') {
    const step = running.get(event.step);
    if (step !== undefined) {
      step.lastLine = event.line;
    }
  }
}

function formatLasting(event: BuildimgEvent, paint: Paint): string | undefined {
  switch (event.name) {
    case 'run.started':
      return `${paint.strong(event.image)} ${event.amiName} ${paint.quiet(event.run)}`;
    case 'run.finished':
      return formatRunFinished(event);
    case 'step.finished':
      return `${paint.good('✔')} ${event.step} ${paint.quiet(formatDuration(event.elapsedMs))}`;
    case 'step.failed':
      return `${paint.bad('✖')} ${event.step} ${paint.quiet(formatDuration(event.elapsedMs))}`;
    case 'resource.created':
      return paint.quiet(`  made ${formatResource(event)}`);
    case 'resource.removed':
      return paint.quiet(`  removed ${formatResource(event)}`);
    case 'scan.finished':
      return (event.failing ? paint.bad : paint.quiet)(`  ${formatScan(event)}`);
    case 'step.started':
    case 'output.received':
      return undefined;
    case 'warning.raised':
    default:
      return `${paint.warn('!')} ${event.message}`;
  }
}
