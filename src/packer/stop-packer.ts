import { kill } from 'node:process';
import type { Clock } from '../clock.js';

export interface StopPackerOptions {
  /** Process id of packer, which leads a process group of its own. */
  readonly pid: number;
  readonly clock: Clock;
  /** Resolves when packer has ended, however it ended. */
  readonly ended: Promise<void>;
  /** Aborted: kill at once, without waiting for packer to clean up. */
  readonly killSignal: AbortSignal;
  /** How long packer may take to remove what it made. */
  readonly cleanupLimitMs: number;
}

const TERMINATE_LIMIT_MS = 5000;

/**
 * Asks packer to cancel and waits for its cleanup; past the limit, or when told to, ends its whole group.
 *
 * The SIGINT goes to the group, as a terminal's Ctrl-C does: the packer that was started is only a wrapper
 * (panicwrap) that ignores it, the worker below it cancels the build, and the plugins ignore it.
 */
export async function stopPacker(options: StopPackerOptions): Promise<void> {
  const { pid, ended, killSignal } = options;
  signalGroup(pid, 'SIGINT');
  if (await endsWithin(options, options.cleanupLimitMs, killSignal)) {
    return;
  }
  if (!killSignal.aborted) {
    signalGroup(pid, 'SIGTERM');
    if (await endsWithin(options, TERMINATE_LIMIT_MS, killSignal)) {
      return;
    }
  }
  signalGroup(pid, 'SIGKILL');
  await ended;
}

async function endsWithin(options: StopPackerOptions, limitMs: number, signal: AbortSignal): Promise<boolean> {
  const given = new AbortController();
  const timedOut = options.clock.sleep(limitMs, AbortSignal.any([given.signal, signal])).then(
    () => false,
    () => false,
  );
  const hasEnded = await Promise.race([options.ended.then(() => true), timedOut]);
  given.abort();
  return hasEnded;
}

/** Sends a signal to every process of the group that `pid` leads; false when there is none left. */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return kill(-pid, signal);
  } catch {
    return false;
  }
}
