// What several builds came to, a line an image.
import type { BuildOutcome } from '../build/build-request.js';
import { BuildimgError } from '../errors.js';
import { formatDuration } from './format-duration.js';
import type { Paint } from './paint.js';

export interface BuildResult {
  readonly image: string;
  readonly outcome?: BuildOutcome;
  readonly error?: unknown;
}

/** Lines in the order of the config, and one for all of them. */
export function summarizeBuilds(results: readonly BuildResult[], elapsedMs: number, paint: Paint): readonly string[] {
  const width = Math.max(...results.map(({ image }) => image.length));
  const counts = ['built', 'unchanged', 'failed', 'stopped']
    .map((word) => [results.filter((result) => wordOf(result) === word).length, word] as const)
    .filter(([count]) => count > 0);
  return [
    ...results.map((result) => summarizeOne(result, width, paint)),
    `${counts.map(([count, word]) => `${count} ${word}`).join(', ')} in ${formatDuration(elapsedMs)}`,
  ];
}

function summarizeOne(result: BuildResult, width: number, paint: Paint): string {
  const { image, outcome, error } = result;
  const word = wordOf(result).padEnd(9);
  const name = image.padEnd(width);
  if (outcome === undefined) {
    return `${name}  ${paint.bad(word)}  ${error instanceof BuildimgError ? `${error.code} ` : ''}${firstLine(error)}`;
  }
  const took = outcome.outcome === 'built' ? `  ${formatDuration(outcome.elapsedMs)}` : '';
  const findings = outcome.scan?.failing === true ? '  with findings' : '';
  return `${name}  ${paint.good(word)}  ${paint.strong(outcome.amiId)}  ${outcome.region}  ${outcome.amiName}${took}${findings}`;
}

function wordOf({ outcome, error }: BuildResult): string {
  if (outcome !== undefined) return outcome.outcome;
  const isStopped = error instanceof BuildimgError && (error.code === 'BUILD_STOPPED' || error.code === 'INTERRUPTED');
  return isStopped ? 'stopped' : 'failed';
}

function firstLine(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line;
}
