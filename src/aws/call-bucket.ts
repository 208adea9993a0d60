// What is known of one of AWS's token buckets. Its size and its rate are each account's own, and nothing tells them
// beforehand, so they are learned: nothing is held back until AWS refuses a call for the first time.
import type { Clock } from '../clock.js';

export interface CallBucket {
  /** Milliseconds until the next call may be sent; 0 takes its token. */
  take(): number;
  /** A call was answered; `isWaitedFor` says that others queue, so that a higher rate would be of use. */
  accept(isWaitedFor: boolean): void;
  /** AWS refused a call that was sent at `sentAt`. */
  refuse(sentAt: number): void;
  /** Calls a second; undefined as long as nothing was refused. */
  readonly rate: number | undefined;
}

/** How far the rate falls at a refusal, from what AWS let through, and how fast it grows again while calls queue. */
const CUT = 0.8;
const GROWTH_PER_SECOND = 1.08;
const LOWEST_RATE = 0.2;
const WINDOW_MS = 5000;
const SHORTEST_WINDOW_MS = 1000;
/** AWS's largest buckets fill up in some ten seconds. After this long without a refusal nothing is held back any more. */
const FORGET_AFTER_MS = 30_000;

export function createCallBucket({ now }: Pick<Clock, 'now'>): CallBucket {
  const startedAt = now();
  let accepted: readonly number[] = [];
  let rate: number | undefined;
  let tokens = 0;
  let filledAt = startedAt;
  let refusedAt = startedAt;
  let cutAt = startedAt;
  let grownAt = startedAt;

  /** Under load the rate of what is let through is the rate at which AWS fills its bucket. */
  function measure(): number {
    const at = now();
    accepted = accepted.filter((time) => time > at - WINDOW_MS);
    const windowMs = Math.max(SHORTEST_WINDOW_MS, Math.min(WINDOW_MS, at - startedAt));
    return (accepted.length / windowMs) * 1000;
  }

  return {
    get rate() {
      return rate;
    },
    take() {
      if (rate !== undefined && now() - refusedAt > FORGET_AFTER_MS) rate = undefined;
      if (rate === undefined) return 0;
      tokens = Math.min(Math.max(1, rate), tokens + ((now() - filledAt) / 1000) * rate);
      filledAt = now();
      if (tokens < 1) return Math.ceil(((1 - tokens) / rate) * 1000);
      tokens -= 1;
      return 0;
    },
    accept(isWaitedFor) {
      accepted = [...accepted.slice(-500), now()];
      if (rate === undefined) return;
      if (isWaitedFor) rate *= GROWTH_PER_SECOND ** Math.min((now() - grownAt) / 1000, 5);
      grownAt = now();
    },
    refuse(sentAt) {
      refusedAt = now();
      tokens = 0;
      filledAt = refusedAt;
      // Calls that were on their way together are refused together; that says no more than one refusal does.
      if (rate !== undefined && sentAt < cutAt) return;
      rate = Math.max(LOWEST_RATE, Math.min(rate ?? Number.POSITIVE_INFINITY, measure()) * CUT);
      cutAt = refusedAt;
      grownAt = refusedAt;
    },
  };
}
