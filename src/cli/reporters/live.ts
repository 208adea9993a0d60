// The step list of a terminal: finished steps scroll away above, what goes on is redrawn below.
import { clearScreenDown, cursorTo, moveCursor } from 'node:readline';
import stringWidth from 'string-width';
import type { BuildimgEvent } from '../../events.js';
import { formatDuration } from '../format-duration.js';
import type { Output } from '../output.js';
import type { Paint } from '../paint.js';
import { fitToWidth } from './fit-to-width.js';
import type { Reporter } from './reporter.js';
import { formatResource, formatRunFinished, formatScan } from './words.js';

const REDRAW_INTERVAL_MS = 100;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

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

/** Redraws at most ten times a second; follows the width of the terminal. */
export function createLiveReporter({ output, stream, paint, now }: LiveReporterOptions): Reporter {
  const running = new Map<string, RunningStep>();
  let drawnLines: readonly string[] = [];
  let frame = 0;
  const timer = setInterval(() => {
    frame += 1;
    redraw([]);
  }, REDRAW_INTERVAL_MS);
  timer.unref();

  /** Takes the live part away, writes `above` for good, and draws the live part anew. */
  function redraw(above: readonly string[]): void {
    const width = Math.max(stream.columns ?? 80, 20);
    const live = [...running.values()].flatMap((step) => drawStep(step, width));
    erase(stream, drawnLines, width);
    const lines = [...above.map((line) => output.mask(line)), ...live];
    if (lines.length > 0) {
      stream.write(`${lines.join('\n')}\n`);
    }
    drawnLines = live;
  }

  function drawStep({ step, startedAt, lastLine }: RunningStep, width: number): readonly string[] {
    const spinner = FRAMES[frame % FRAMES.length] ?? '-';
    const head = fitToWidth(`${spinner} ${step} ${formatDuration(now() - startedAt)}`, width - 1);
    const tail = lastLine === '' ? [] : [paint.quiet(fitToWidth(`  ${output.mask(lastLine)}`, width - 1))];
    return [paint.strong(head), ...tail];
  }

  return {
    receive(event) {
      follow(event, running, now);
      const line = formatLasting(event, paint);
      if (line !== undefined) {
        redraw([line]);
      }
    },
    say: (line) => redraw([line]),
    close() {
      clearInterval(timer);
      running.clear();
      redraw([]);
    },
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

// A terminal that was made narrower has wrapped what was drawn, so a line may stand on several rows now.
function erase(stream: NodeJS.WriteStream, lines: readonly string[], width: number): void {
  const rows = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(stringWidth(line) / width)), 0);
  if (rows > 0) {
    moveCursor(stream, 0, -rows);
    cursorTo(stream, 0);
    clearScreenDown(stream);
  }
}
