import { createError, ExitCode } from '../errors.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface ProcessAbort {
  readonly signal: AbortSignal;
  stop(): void;
}

/** Ends what only reads at the first Ctrl-C; a second one ends the process at once. */
export function abortOnSignal(): ProcessAbort {
  const controller = new AbortController();
  // It stays in place after the first signal: execa ends a process that has no listener of its own.
  const receive = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      process.exit(ExitCode.interrupted);
    }
    controller.abort(createError('INTERRUPTED', [signal]));
  };
  for (const signal of SIGNALS) {
    process.on(signal, receive);
  }
  return {
    signal: controller.signal,
    stop() {
      for (const signal of SIGNALS) {
        process.off(signal, receive);
      }
    },
  };
}
