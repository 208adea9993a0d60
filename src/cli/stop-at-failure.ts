import { setMaxListeners } from 'node:events';
import type { Interruption } from '../build/interruption.js';
import { createError } from '../errors.js';

export interface StoppableInterruption extends Interruption {
  /** Stops the builds that are not done, because of this image; they clean up. */
  fail(image: string): void;
}

/** An interruption that the first failure of several builds is one, too. */
export function stopAtFailure({ signal, killSignal }: Interruption): StoppableInterruption {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  // Every wait of every build listens to it; node takes more than ten listeners for a leak.
  setMaxListeners(0, either);
  return {
    signal: either,
    killSignal,
    fail(image) {
      if (!signal.aborted) failed.abort(createError('BUILD_STOPPED', [image]));
    },
  };
}
