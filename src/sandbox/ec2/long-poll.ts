import type { RequestContext } from '../world/services.js';

// Packer 1.6.6 asks every 15 s. A reply held back until there is news saves it most of those seconds; the limit is well
// above a slow boot under emulation, and the client's own limit still counts.
const MAX_HOLD_MS = 10 * 60_000;

/**
 * Answers an SDK waiter once something has changed, everybody else at once.
 *
 * @param isMoving whether a state in the answer is in transition; a settled answer is never held back
 */
export async function answerWaiter<Output>(
  context: RequestContext,
  describe: () => Output,
  isMoving: (output: Output) => boolean,
): Promise<Output> {
  const first = describe();
  if (!context.isWaiter || !isMoving(first)) return first;
  const hold = new AbortController();
  const signal = AbortSignal.any([hold.signal, context.requestSignal]);
  void context.clock.wait(MAX_HOLD_MS, signal).then(() => hold.abort());
  const before = JSON.stringify(first);
  try {
    let output = first;
    while (!signal.aborted && JSON.stringify(output) === before) {
      await context.world.waitForChange(signal);
      output = describe();
    }
    return output;
  } finally {
    hold.abort();
  }
}
