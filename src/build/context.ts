// The one place below the command line where time, randomness and the environment come from.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../clock.js';
import type { BuildimgEvent, Emit } from '../events.js';

export interface BuildContext {
  readonly clock: Clock;
  /** `bytes` random bytes as lower-case hex. */
  readonly randomHex: (bytes: number) => string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly emit: Emit;
  /** Of this process. */
  readonly pid: number;
}

/** The real context: the machine's clock and randomness; every event goes to `listener`. */
export function createBuildContext(
  environment: Readonly<Record<string, string | undefined>>,
  listener: (event: BuildimgEvent) => void,
): BuildContext {
  return {
    clock: systemClock,
    randomHex: (bytes) => randomBytes(bytes).toString('hex'),
    environment,
    pid: process.pid,
    emit: (name, payload) => listener({ name, time: new Date(), ...payload } as BuildimgEvent),
  };
}

export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(delayMs, signal) {
    signal.throwIfAborted();
    try {
      await sleep(delayMs, undefined, { signal });
    } catch (error) {
      // The signal's own reason says why; Node's AbortError does not.
      throw signal.aborted ? signal.reason : error;
    }
  },
};
