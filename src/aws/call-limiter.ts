// One queue for each of AWS's token buckets, shared by all builds of a process: AWS counts calls by account, region and
// action, whoever makes them. https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
import type { Clock } from '../clock.js';
import { createError } from '../errors.js';
import { type CallBucket, createCallBucket } from './call-bucket.js';
import { awsErrorCode } from './translate-error.js';

export interface LimitedCall {
  /** Names the bucket, within the account: `us-east-1 ec2:RunInstances`. */
  readonly bucket: string;
  /** Whose call it is: who was served longest ago comes first. */
  readonly caller: string;
  /** Ends the waiting with its reason; a call that was sent is not taken back. */
  readonly signal: AbortSignal;
  /** Calls of this bucket that may be on their way at once. */
  readonly parallel: number;
}

export interface CallLimiter {
  /**
   * Sends a call as soon as its bucket allows, and again when AWS refuses it for the rate.
   * Errors: AWS_THROTTLED after ten minutes of that; whatever else `send` throws, at once.
   */
  run<T>(call: LimitedCall, send: () => Promise<T>): Promise<T>;
}

export interface LimiterEffects {
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
}

const LIMIT_MS = 600_000;
const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 5000;

export function createCallLimiter({ clock, random }: LimiterEffects): CallLimiter {
  const queues = new Map<string, CallQueue>();
  return {
    async run(call, send) {
      const queue = queues.get(call.bucket) ?? createQueue(clock);
      queues.set(call.bucket, queue);
      const deadline = clock.now() + LIMIT_MS;
      for (let attempt = 0; ; attempt += 1) {
        await queue.enter(call, deadline);
        const sentAt = clock.now();
        try {
          const answer = await send();
          queue.leave('accepted', sentAt);
          return answer;
        } catch (error) {
          const isRefused = REFUSALS.has(awsErrorCode(error));
          queue.leave(isRefused ? 'refused' : 'accepted', sentAt);
          if (!isRefused) throw error;
          // Full jitter: other processes of the account were refused in the same moment.
          const delayMs = random() * Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** attempt);
          if (clock.now() + delayMs > deadline) throw throttled(call, error);
          await clock.sleep(delayMs, call.signal);
        }
      }
    },
  };
}

/** Not every "limit exceeded": what an account may own does not grow by waiting. */
const REFUSALS: ReadonlySet<string> = new Set([
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'RequestThrottled',
  'RequestThrottledException',
  'EC2ThrottledException',
  'TooManyRequestsException',
  'SlowDown',
]);

function throttled({ bucket }: LimitedCall, cause?: unknown): Error {
  const [region = '', action = ''] = bucket.split(' ');
  return createError('AWS_THROTTLED', [action, region, LIMIT_MS / 60_000], { cause });
}

interface CallQueue {
  /** Resolves when the call may be sent. */
  enter(call: LimitedCall, deadline: number): Promise<void>;
  leave(outcome: 'accepted' | 'refused', sentAt: number): void;
}

interface WaitingCall {
  readonly call: LimitedCall;
  readonly deadline: number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

function createQueue(clock: Clock): CallQueue {
  const bucket: CallBucket = createCallBucket(clock);
  const served = new Map<string, number>();
  let waiting: readonly WaitingCall[] = [];
  let sending = 0;
  let turns = 0;
  let isTimed = false;

  function admit(): void {
    while (waiting.length > 0) {
      const next = waiting.reduce((one, other) => (lastTurn(other) < lastTurn(one) ? other : one));
      if (sending >= next.call.parallel) return;
      const waitMs = bucket.take();
      if (waitMs > 0) return admitLater(waitMs);
      sending += 1;
      turns += 1;
      served.set(next.call.caller, turns);
      waiting = waiting.filter((each) => each !== next);
      next.resolve();
    }
  }

  function admitLater(waitMs: number): void {
    if (isTimed) return;
    isTimed = true;
    const { signal } = new AbortController();
    void clock.sleep(waitMs, signal).then(() => {
      isTimed = false;
      for (const { call, deadline, reject } of waiting) if (clock.now() > deadline) reject(throttled(call));
      waiting = waiting.filter(({ deadline }) => clock.now() <= deadline);
      admit();
    });
  }

  function lastTurn({ call }: WaitingCall): number {
    return served.get(call.caller) ?? 0;
  }

  return {
    async enter(call, deadline) {
      call.signal.throwIfAborted();
      const ended = new AbortController();
      const turn = new Promise<void>((resolve, reject) => {
        const mine: WaitingCall = { call, deadline, resolve, reject };
        const leave = (): void => {
          waiting = waiting.filter((each) => each !== mine);
          reject(call.signal.reason as Error);
        };
        call.signal.addEventListener('abort', leave, { once: true, signal: ended.signal });
        waiting = [...waiting, mine];
      });
      admit();
      await turn.finally(() => ended.abort());
    },
    leave(outcome, sentAt) {
      sending -= 1;
      if (outcome === 'accepted') bucket.accept(waiting.length > 0);
      else bucket.refuse(sentAt);
      admit();
    },
  };
}
