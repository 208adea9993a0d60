import type { Clock } from '../clock.js';
import { awsErrorCode } from './translate-error.js';

/** `fatal`: asking again would give the same answer. */
type Trouble = 'throttled' | 'transient' | 'unseen' | 'damaged' | 'fatal';

export interface RetryOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** From 0 to 1: keeps the waits of requests that fail together apart. */
  readonly spread: number;
  /** Troubles that cannot pass for this request. */
  readonly fatal?: readonly Trouble[];
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5000;
/** Of the first failure. A throttle ends by itself; EBS may not see a snapshot for two minutes after its start. */
const LIMITS_MS: Readonly<Record<Exclude<Trouble, 'fatal'>, number>> = {
  throttled: 600_000,
  transient: 120_000,
  unseen: 150_000,
  damaged: 10_000,
};

/**
 * Asks until there is an answer, at growing intervals.
 * @throws what the last request threw; the signal's reason when it is aborted.
 */
export async function retryRequest<T>(request: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, signal, spread, fatal = [] } = options;
  let firstFailureAt: number | undefined;
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS)) {
    signal.throwIfAborted();
    try {
      return await request();
    } catch (error) {
      signal.throwIfAborted();
      const trouble = findTrouble(error);
      firstFailureAt ??= clock.now();
      if (trouble === 'fatal' || fatal.includes(trouble)) throw error;
      if (clock.now() + delayMs - firstFailureAt > LIMITS_MS[trouble]) throw error;
      await clock.sleep(delayMs * (0.5 + spread), signal);
    }
  }
}

const THROTTLED = new Set([
  'RequestThrottledException',
  'ThrottlingException',
  'Throttling',
  'RequestThrottled',
  'RequestLimitExceeded',
  'TooManyRequestsException',
  'ConcurrentLimitExceededException',
]);
const TRANSIENT = new Set([
  'InternalServerException',
  'InternalError',
  'InternalFailure',
  'ServiceUnavailable',
  'TimeoutError',
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENOTFOUND',
  'EHOSTUNREACH',
]);
/** A block that changed on its way does not fit its checksum. */
const DAMAGED_REASONS = new Set(['INVALID_BLOCK', 'INVALID_PARAMETER_VALUE']);

/** What kind of failure this is. */
export function findTrouble(error: unknown): Trouble {
  const code = awsErrorCode(error);
  const { Reason: reason = '', $metadata: metadata } = error as {
    readonly Reason?: string;
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  if (THROTTLED.has(code)) return 'throttled';
  if (code === 'ResourceNotFoundException' && reason === 'SNAPSHOT_NOT_FOUND') return 'unseen';
  if (code === 'ValidationException' && reason === 'WRITE_REQUEST_TIMEOUT') return 'transient';
  if (code === 'ValidationException' && DAMAGED_REASONS.has(reason)) return 'damaged';
  const status = metadata?.httpStatusCode ?? 0;
  return TRANSIENT.has(code) || status >= 500 || isCutOff(error) ? 'transient' : 'fatal';
}

/** Node's own words for a connection that was closed in the middle; the SDK wraps errors of another realm, code and all. */
function isCutOff(error: unknown): boolean {
  return (
    error instanceof Error &&
    /socket hang up|other side closed|ECONNRESET|EPIPE|ETIMEDOUT|TimeoutError/i.test(error.message)
  );
}
