import type { LogReader, LogStream, PlatformEvent, PlatformService } from '../aws/platform-ports.js';
import type { Clock } from '../clock.js';
import { createError } from '../errors.js';

export interface FollowOptions {
  readonly platforms: Pick<PlatformService, 'listEvents'>;
  readonly requestId: string;
  /** Completes "Waited 1800 s for …". */
  readonly what: string;
  readonly limitMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onEvent: (event: PlatformEvent) => void;
  /** Called at every round; for a log that is read along. */
  readonly alongside?: () => Promise<void>;
  /** Whether an event is the last one, and how it ended. */
  readonly judge: (event: PlatformEvent) => 'done' | 'failed' | undefined;
}

// Elastic Beanstalk throttles an account that asks for events more than about once a second.
const POLL_MS = 4_000;
const FIRST_POLL_MS = 500;

/**
 * Shows the events of one request until one of them ends it.
 *
 * @returns whether it ended well
 * @throws WAIT_TIMED_OUT
 */
export async function followOperation(options: FollowOptions): Promise<boolean> {
  const { platforms, requestId, clock, signal, onEvent, judge } = options;
  const deadline = clock.now() + options.limitMs;
  let since: Date | undefined;
  let pauseMs = FIRST_POLL_MS;
  for (;;) {
    signal.throwIfAborted();
    await options.alongside?.();
    const events = await platforms.listEvents({ requestId, ...(since === undefined ? {} : { since }) });
    for (const event of events) {
      since = new Date(event.at.getTime() + 1);
      onEvent(event);
      const verdict = judge(event);
      if (verdict === undefined) continue;
      await options.alongside?.();
      return verdict === 'done';
    }
    if (clock.now() + pauseMs > deadline) {
      throw createError('WAIT_TIMED_OUT', [options.what, Math.round(options.limitMs / 1000)]);
    }
    await clock.sleep(pauseMs, signal);
    pauseMs = Math.min(pauseMs * 2, POLL_MS);
  }
}

/** Reads a log page by page: every message once, also those that come late. */
export function createLogFollower(logs: LogReader, stream: LogStream, onMessage: (message: string) => void) {
  let token: string | undefined;
  return async (): Promise<void> => {
    for (;;) {
      const page = await logs.readLog(stream, token);
      if (page === undefined) return;
      for (const message of page.messages) onMessage(message);
      const isEnd = page.token === token || page.messages.length === 0;
      token = page.token;
      if (isEnd) return;
    }
  };
}
