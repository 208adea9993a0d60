import { createError } from '../errors.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface ProcessAbort {
  readonly signal: AbortSignal;
  stop(): void;
}

/** Ends what only reads at the first Ctrl-C; a second one finds no listener, and ends the process at once. */
export function abortOnSignal(): ProcessAbort {
  const controller = new AbortController();
  const stop = (): void => {
    for (const signal of SIGNALS) {
      process.off(signal, receive);
    }
  };
  const receive = (signal: NodeJS.Signals): void => {
    stop();
    controller.abort(createError('INTERRUPTED', [signal]));
  };
  for (const signal of SIGNALS) {
    process.on(signal, receive);
  }
  return { signal: controller.signal, stop };
}
