import type { Clock } from '../clock.js';
import { createError } from '../errors.js';

export interface WaitOptions<T> {
  /** Completes "Waited 60 s for …". */
  readonly what: string;
  /** Undefined: not yet. A throw ends the wait. */
  readonly check: () => Promise<T | undefined>;
  readonly limitMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How many times in a row `check` must see it: EC2 may answer from a replica that is behind. Default 1. */
  readonly sightings?: number;
  readonly firstDelayMs?: number;
  readonly longestDelayMs?: number;
}

/**
 * Asks until `check` has an answer, at growing intervals (1 s, ×1.5, at most 5 s).
 * @throws WAIT_TIMED_OUT after `limitMs`; the signal's reason when it is aborted.
 */
export async function waitUntil<T>(options: WaitOptions<T>): Promise<T> {
  const { check, clock, signal, limitMs, sightings = 1, firstDelayMs = 1000, longestDelayMs = 5000 } = options;
  const deadline = clock.now() + limitMs;
  let seen = 0;
  let delayMs = firstDelayMs;
  for (;;) {
    signal.throwIfAborted();
    const answer = await check();
    seen = answer === undefined ? 0 : seen + 1;
    if (answer !== undefined && seen >= sightings) {
      return answer;
    }
    if (clock.now() + delayMs > deadline) {
      throw createError('WAIT_TIMED_OUT', [options.what, Math.round(limitMs / 1000)]);
    }
    await clock.sleep(delayMs, signal);
    delayMs = Math.min(delayMs * 1.5, longestDelayMs);
  }
}
