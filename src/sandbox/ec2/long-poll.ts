import type { RequestContext } from '../world/services.js';

// Packer 1.6.6 asks every 15 s. A reply held back until there is news saves it most of those seconds; the limit is well
// above a slow boot under emulation, and the client's own limit still counts.
const MAX_HOLD_MS = 10 * 60_000;

/** Which answers wait for news. */
export interface Transitions<Output> {
  /** A state in the answer is in transition; a settled answer is never held back. */
  readonly isMoving: (output: Output) => boolean;
  /**
   * A machine boots. Its answer is held back even where long polls are off: `running` comes with the guest's sshd, while on AWS
   * it comes first and Packer meanwhile tries SSH, so that its 15 s would count here for what they do not cost there.
   */
  readonly isBooting?: (output: Output) => boolean;
}

/** Answers an SDK waiter once something has changed, everybody else at once. Without long polls, as AWS: everybody at once. */
export async function answerWaiter<Output>(
  context: RequestContext,
  describe: () => Output,
  { isMoving, isBooting = () => false }: Transitions<Output>,
): Promise<Output> {
  const first = describe();
  const isWorthWaiting = context.hasLongPolls ? isMoving : isBooting;
  if (!context.isWaiter || !isWorthWaiting(first)) return first;
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
