import type { Interruption } from '../build/interruption.js';
import { createError, ExitCode } from '../errors.js';

/** What is true when a command that listens here has ended with this error; what could not be removed is another error. */
const REMOVED = 'what was created has been removed';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface ListeningInterruption extends Interruption {
  stop(): void;
}

/**
 * Turns the process's signals into an interruption: the first cancels, the second hurries, the third ends the process
 * at once. `say` tells the person what is going on.
 */
export function listenForInterruption(say: (line: string) => void): ListeningInterruption {
  const first = new AbortController();
  const second = new AbortController();
  const receive = (signal: NodeJS.Signals): void => {
    if (!first.signal.aborted) {
      say(`${signal}: cancelling and removing what was made. Once more: do not wait for packer.`);
      first.abort(createError('INTERRUPTED', [signal, REMOVED]));
    } else if (!second.signal.aborted) {
      say(`${signal}: killing packer; removing what was made takes at most a minute. Once more: leave at once.`);
      second.abort(createError('INTERRUPTED', [signal, REMOVED]));
    } else {
      say('Left at once: resources may be left behind. The journal of the run names them.');
      process.exit(ExitCode.leftBehind);
    }
  };
  for (const signal of SIGNALS) {
    process.on(signal, receive);
  }
  return {
    signal: first.signal,
    killSignal: second.signal,
    stop() {
      for (const signal of SIGNALS) {
        process.off(signal, receive);
      }
    },
  };
}
