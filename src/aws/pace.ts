export interface Pace {
  /** Waits for a turn. Errors: the reason of `signal`. */
  begin(signal: AbortSignal): Promise<Turn>;
  /** How many may be on their way now. */
  readonly limit: number;
}

export interface Turn {
  /** Gives the turn back and says how it went. */
  end(outcome: 'done' | 'congested' | 'failed'): void;
}

/**
 * How many requests may be on their way: at most `most`, half of that whenever the line or the service cannot keep up, and
 * one more after as many as that went well. With a fixed number, 32 MiB on their way over a slow line all run into
 * their time limits, are sent again, and run into them again (coldsnap issue 437).
 */
export function createPace(most: number): Pace {
  let limit = most;
  let running = 0;
  let sinceRaise = 0;
  let cuts = 0;
  const waiting: (() => void)[] = [];

  function admit(): void {
    while (running < limit) {
      const next = waiting.shift();
      if (next === undefined) return;
      running += 1;
      next();
    }
  }

  function learn(outcome: 'done' | 'congested' | 'failed', cutsBefore: number): void {
    if (outcome === 'congested' && cutsBefore === cuts) {
      limit = Math.max(1, Math.floor(limit / 2));
      sinceRaise = 0;
      cuts += 1;
    }
    if (outcome !== 'done' || limit === most) return;
    sinceRaise += 1;
    if (sinceRaise < limit) return;
    limit += 1;
    sinceRaise = 0;
  }

  return {
    get limit() {
      return limit;
    },
    async begin(signal) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        admit();
      });
      // Requests that were on their way together meet the same congestion: it counts once.
      const cutsBefore = cuts;
      return {
        end(outcome) {
          running -= 1;
          learn(outcome, cutsBefore);
          admit();
        },
      };
    },
  };
}
