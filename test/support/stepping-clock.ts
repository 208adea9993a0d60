import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/clock.js';

interface Sleeper {
  readonly wakeAt: number;
  readonly wake: () => void;
}

/**
 * A clock for many sleepers at once: `run` wakes them in the order of their time, whenever nothing else is left to do, and
 * no time passes meanwhile.
 */
export function createSteppingClock(startMs = Date.UTC(2026, 0, 2)): Clock & { run<T>(work: Promise<T>): Promise<T> } {
  let nowMs = startMs;
  let sleepers: readonly Sleeper[] = [];
  return {
    now: () => nowMs,
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { wakeAt: nowMs + delayMs, wake: resolve };
        sleepers = [...sleepers, sleeper];
        signal.addEventListener('abort', () => {
          sleepers = sleepers.filter((each) => each !== sleeper);
          reject(signal.reason as Error);
        });
      }),
    async run(work) {
      const state = { isDone: false };
      const ended = work.finally(() => {
        state.isDone = true;
      });
      ended.catch(() => undefined);
      while (!state.isDone) {
        await setImmediate();
        if (state.isDone || sleepers.length === 0) continue;
        const next = sleepers.reduce((one, other) => (other.wakeAt < one.wakeAt ? other : one));
        sleepers = sleepers.filter((each) => each !== next);
        nowMs = Math.max(nowMs, next.wakeAt);
        next.wake();
      }
      return await ended;
    },
  };
}
