// Many images on a terminal: how many are where, a line for each of those that moved last, and for good only what a person
// would want to find again.
import type { BuildimgEvent } from '../../events.js';
import { formatDuration } from '../format-duration.js';
import { fitToWidth } from './fit-to-width.js';
import type { LiveReporterOptions } from './live.js';
import { openLiveArea, type Terminal } from './live-area.js';
import type { Reporter } from './reporter.js';
import { formatRunFinished, formatScan } from './words.js';

const MOST_LINES = 16;
/** The count, the line that says how many are not shown, and the line of the cursor. */
const OTHER_LINES = 4;

interface Standing {
  readonly image: string;
  readonly step: string;
  readonly since: number;
}

export interface FleetReporterOptions extends LiveReporterOptions {
  /** All that will be built. */
  readonly images: number;
}

export function createFleetReporter({ output, stream, paint, now, images }: FleetReporterOptions): Reporter {
  const startedAt = now();
  const running = new Map<string, Standing>();
  const ended = new Map<string, boolean>();
  const begun = new Set<string>();
  const area = openLiveArea({ output, stream, draw });

  function draw({ width, rows, spinner }: Terminal): readonly string[] {
    const failed = [...ended.values()].filter((isGood) => !isGood).length;
    const counts = [
      `${running.size} running`,
      `${ended.size - failed} done`,
      ...(failed > 0 ? [`${failed} failed`] : []),
      `${Math.max(0, images - running.size - ended.size)} waiting`,
    ];
    const room = Math.max(1, Math.min(MOST_LINES, rows - OTHER_LINES));
    const latest = [...running.values()].toSorted((one, other) => other.since - one.since).slice(0, room);
    const hidden = running.size - latest.length;
    return [
      paint.strong(fitToWidth(`${spinner} ${counts.join(', ')}  ${formatDuration(now() - startedAt)}`, width - 1)),
      ...latest
        .toSorted((one, other) => one.image.localeCompare(other.image))
        .map(({ image, step, since }) => fitToWidth(`  ${image}: ${step} ${formatDuration(now() - since)}`, width - 1)),
      ...(hidden > 0 ? [paint.quiet(`  and ${hidden} more`)] : []),
    ];
  }

  function follow(event: BuildimgEvent): void {
    if (event.name === 'step.started') {
      const { image, step } = splitStep(event.step);
      running.set(image, { image, step, since: now() });
    } else if (event.name === 'step.failed') {
      // Of a run that has not begun nobody says that it has ended.
      const { image } = splitStep(event.step);
      if (!begun.has(image)) end(image, false);
    } else if (event.name === 'run.started') {
      begun.add(event.image);
    } else if (event.name === 'run.finished') {
      end(event.image, event.outcome === 'built' || event.outcome === 'unchanged');
    }
  }

  function end(image: string, isGood: boolean): void {
    running.delete(image);
    ended.set(image, isGood);
  }

  return {
    receive(event) {
      follow(event);
      const line = formatLasting(event);
      if (line !== undefined) area.write([line]);
    },
    say: (line) => area.write([line]),
    close: () => area.close(),
  };

  function formatLasting(event: BuildimgEvent): string | undefined {
    if (event.name === 'run.finished') {
      const isGood = event.outcome === 'built' || event.outcome === 'unchanged';
      return `${isGood ? paint.good('✔') : paint.bad('✖')} ${formatRunFinished(event)}`;
    }
    if (event.name === 'step.failed') return `${paint.bad('✖')} ${event.step}`;
    if (event.name === 'scan.finished' && event.failing) return paint.bad(`  ${formatScan(event)}`);
    return event.name === 'warning.raised' ? `${paint.warn('!')} ${event.message}` : undefined;
  }
}

/** Steps of several images are named `image: step`. */
function splitStep(text: string): { readonly image: string; readonly step: string } {
  const [image = '', ...step] = text.split(': ');
  return { image, step: step.join(': ') };
}
