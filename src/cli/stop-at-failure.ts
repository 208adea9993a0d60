import type { Interruption } from '../build/interruption.js';
import { createError } from '../errors.js';

export interface StoppableInterruption extends Interruption {
  /** Stops the builds that are not done, because of this image; they clean up. */
  fail(image: string): void;
}

/** An interruption that the first failure of several builds is one, too. */
export function stopAtFailure({ signal, killSignal }: Interruption): StoppableInterruption {
  const failed = new AbortController();
  return {
    signal: AbortSignal.any([signal, failed.signal]),
    killSignal,
    fail(image) {
      if (!signal.aborted) failed.abort(createError('BUILD_STOPPED', [image]));
    },
  };
}
