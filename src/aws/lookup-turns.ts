import type { Clock } from '../clock.js';

/** Decides when the next call for all waiting builds may go out. */
export interface LookupTurns {
  /** A build has asked. */
  join(caller: string): void;
  /** Waits for the turn of the next call. */
  wait(): Promise<void>;
}

export interface TurnEffects {
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Aborted when nobody needs an answer any more. */
  readonly signal: AbortSignal;
}

/** Ten builds and more are answered once a second; one that is alone as often as it asks. */
const SPACING_PER_BUILD_MS = 100;
const LONGEST_SPACING_MS = 1000;
/** Builds that poll ask again within five seconds (wait-until.ts). */
const RECENT_MS = 5000;

/**
 * Turns that come the slower the more builds ask, with jitter. When AWS refuses such a call the limiter holds it back, and
 * what is asked meanwhile joins the next one, so that the distance grows by itself.
 */
export function createLookupTurns({ clock, random, signal }: TurnEffects): LookupTurns {
  const askedAt = new Map<string, number>();
  let lastTurnAt = Number.NEGATIVE_INFINITY;

  function countRecent(): number {
    for (const [caller, at] of askedAt) if (at < clock.now() - RECENT_MS) askedAt.delete(caller);
    return askedAt.size;
  }

  return {
    join: (caller) => void askedAt.set(caller, clock.now()),
    async wait() {
      const crowd = countRecent();
      const spacingMs = crowd > 1 ? Math.min(crowd * SPACING_PER_BUILD_MS, LONGEST_SPACING_MS) : 0;
      const waitMs = lastTurnAt + spacingMs * (0.75 + random() / 2) - clock.now();
      if (waitMs > 0) await clock.sleep(waitMs, signal);
      lastTurnAt = clock.now();
    },
  };
}

/** For a process that makes one image, or none. */
export const AT_ONCE: LookupTurns = { join: () => undefined, wait: async () => undefined };
