import type { BuildContext } from '../context.js';
import type { UploadProgress } from './upload-disk.js';

export interface ProgressScope {
  readonly context: BuildContext;
  /** Blocks that an earlier attempt has brought there. */
  readonly knownBlocks: number;
  readonly blockBytes: number;
}

/** A line is for a person at a terminal and for a log alike: not more than one a second, and not without news. */
const INTERVAL_MS = 1000;
const PATIENCE_MS = 15_000;
const STEP = 0.01;

/** Tells as lines of a step how far an upload is. */
export function reportProgress(step: string, scope: ProgressScope): (progress: UploadProgress) => void {
  const { context, knownBlocks } = scope;
  const startedAt = context.clock.now();
  let last = { at: startedAt, share: 0 };
  if (knownBlocks > 0) say(`${formatBytes(knownBlocks * scope.blockBytes)} are there already`);

  function say(line: string): void {
    context.emit('output.received', { step, line, stream: 'out' });
  }

  return (progress) => {
    const now = context.clock.now();
    const share = progress.looked / progress.total;
    const isEnd = progress.looked === progress.total;
    const sinceLast = now - last.at;
    const isNews = share - last.share >= STEP || sinceLast >= PATIENCE_MS;
    if (!isEnd && (sinceLast < INTERVAL_MS || !isNews)) return;
    last = { at: now, share };
    say(formatProgress(progress, { ...scope, elapsedMs: now - startedAt }));
  };
}

function formatProgress(
  { looked, sent, total }: UploadProgress,
  { blockBytes, elapsedMs }: ProgressScope & { readonly elapsedMs: number },
): string {
  const percent = Math.floor((looked / total) * 100);
  const rate = formatBytes((sent * blockBytes * 1000) / Math.max(elapsedMs, 1));
  return `${percent} % of ${formatBytes(total * blockBytes)}; ${formatBytes(sent * blockBytes)} sent, ${rate}/s`;
}

function formatBytes(bytes: number): string {
  const mib = bytes / 1024 ** 2;
  return mib >= 1024 ? `${(mib / 1024).toFixed(1)} GiB` : `${Math.round(mib)} MiB`;
}
