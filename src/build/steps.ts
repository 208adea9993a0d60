import type { BuildContext } from './context.js';

/** Runs one named piece of a run and says when it begins and how it ends. */
export async function runStep<T>(context: BuildContext, step: string, act: () => Promise<T>): Promise<T> {
  const startedAt = context.clock.now();
  context.emit('step.started', { step });
  try {
    const result = await act();
    context.emit('step.finished', { step, elapsedMs: context.clock.now() - startedAt });
    return result;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    context.emit('step.failed', { step, elapsedMs: context.clock.now() - startedAt, reason });
    throw error;
  }
}

/** A step that is not one function call, but is entered and left as packer's output tells. */
export interface StepSequence {
  /** Name of the step that is going on. */
  readonly current: () => string;
  /** Ends the step that is going on and begins another; the same name again is nothing. */
  enter(step: string): void;
  finish(): void;
  fail(reason: string): void;
}

/** Begins with `first`. */
export function createStepSequence(context: BuildContext, first: string): StepSequence {
  let step = first;
  let startedAt = context.clock.now();
  context.emit('step.started', { step });
  const elapsedMs = (): number => context.clock.now() - startedAt;
  return {
    current: () => step,
    enter(next) {
      if (next !== step) {
        context.emit('step.finished', { step, elapsedMs: elapsedMs() });
        step = next;
        startedAt = context.clock.now();
        context.emit('step.started', { step });
      }
    },
    finish: () => context.emit('step.finished', { step, elapsedMs: elapsedMs() }),
    fail: (reason) => context.emit('step.failed', { step, elapsedMs: elapsedMs(), reason }),
  };
}
