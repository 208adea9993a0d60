import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxClock } from '../sandbox/world/services.js';

/** The machine's clock, as the sandbox wants it: an aborted wait ends early, without an error. */
export const sandboxClock: SandboxClock = {
  now: () => new Date(),
  async wait(durationMs, signal) {
    await sleep(durationMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  },
};
