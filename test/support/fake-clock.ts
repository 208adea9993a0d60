import type { Clock } from '../../src/clock.js';

/** A clock whose sleeps take no time but move it on. */
export function createFakeClock(
  startMs = Date.UTC(2026, 0, 2, 3, 4, 5),
): Clock & { readonly slept: readonly number[] } {
  let nowMs = startMs;
  const slept: number[] = [];
  return {
    slept,
    now: () => nowMs,
    async sleep(delayMs, signal) {
      signal.throwIfAborted();
      slept.push(delayMs);
      nowMs += delayMs;
      await Promise.resolve();
    },
  };
}
