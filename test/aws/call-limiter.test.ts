import { describe, expect, it } from '@jest/globals';
import { type CallLimiter, createCallLimiter, type LimitedCall } from '../../src/aws/call-limiter.js';
import type { Clock } from '../../src/clock.js';
import { createSteppingClock } from '../support/stepping-clock.js';

describe('createCallLimiter', () => {
  it('sends at once, without a sleep, as long as AWS refuses nothing', async () => {
    const clock = { now: () => 0, sleep: () => Promise.reject(new Error('slept')) };
    const limiter = createCallLimiter({ clock, random: () => 0.5 });

    const answers = await Promise.all([1, 2, 3].map((number) => limiter.run(aCall(), async () => number)));

    expect(answers).toEqual([1, 2, 3]);
  });

  it('brings every call through a bucket that is far too small, close to the rate at which it fills', async () => {
    const clock = createSteppingClock();
    const limiter = createCallLimiter({ clock, random: () => 0.5 });
    const bucket = createAwsBucket(clock, { burst: 5, perSecond: 2 });
    const startedAt = clock.now();

    await clock.run(Promise.all(numbers(64).map((number) => limiter.run(aCall(`build ${number}`), bucket.call))));

    const boundMs = ((64 - 5) / 2) * 1000;
    expect(bucket.accepted()).toBe(64);
    expect(clock.now() - startedAt).toBeLessThan(boundMs * 1.2);
    expect(bucket.refused()).toBeLessThan(40);
  });

  it('makes the calls of another bucket wait for nothing', async () => {
    const clock = createSteppingClock();
    const limiter = createCallLimiter({ clock, random: () => 0.5 });
    const bucket = createAwsBucket(clock, { burst: 1, perSecond: 0.5 });
    const startedAt = clock.now();
    const order: string[] = [];

    await clock.run(
      Promise.all([
        ...numbers(8).map(() => limiter.run(aCall(), bucket.call).then(() => void order.push('slow'))),
        limiter.run(aCall('other', { bucket: 'eu-west-1 ec2:RunInstances' }), async () => {
          order.push(`free after ${clock.now() - startedAt} ms`);
        }),
      ]),
    );

    expect(order).toContain('free after 0 ms');
    expect(order.indexOf('free after 0 ms')).toBeLessThan(2);
  });

  it('lets builds take turns, however many calls one of them makes', async () => {
    const clock = createSteppingClock();
    const limiter = createCallLimiter({ clock, random: () => 0 });
    const order: string[] = [];
    const send = (name: string) => async () => {
      await clock.sleep(10, new AbortController().signal);
      order.push(name);
    };

    await clock.run(
      Promise.all([
        ...numbers(6).map(() => limiter.run(aCall('greedy', { parallel: 1 }), send('greedy'))),
        limiter.run(aCall('modest', { parallel: 1 }), send('modest')),
      ]),
    );

    expect(order.indexOf('modest')).toBe(1);
  });

  it('sends a call that waits for its turn not any more when its build was interrupted', async () => {
    const clock = createSteppingClock();
    const limiter = createCallLimiter({ clock, random: () => 0.5 });
    const stop = new AbortController();
    let sent = 0;
    const send = async () => {
      sent += 1;
      await clock.sleep(50, new AbortController().signal);
    };
    const going = limiter.run(aCall('one', { parallel: 1 }), send);
    const waiting = limiter.run(aCall('two', { parallel: 1, signal: stop.signal }), send);

    stop.abort(new Error('interrupted'));

    await expect(waiting).rejects.toThrow('interrupted');
    await clock.run(going);
    expect(sent).toBe(1);
  });

  it('gives up with the action and the region when AWS never takes the call', async () => {
    const clock = createSteppingClock();
    const limiter = createCallLimiter({ clock, random: () => 0.5 });

    const call = clock.run(limiter.run(aCall(), refuse));

    await expect(call).rejects.toMatchObject({
      code: 'AWS_THROTTLED',
      message: expect.stringContaining('ec2:RunInstances in us-east-1'),
    });
  });

  it('passes every other error on, and does not send again', async () => {
    const limiter = createCallLimiter({ clock: createSteppingClock(), random: () => 0.5 });
    let sent = 0;

    const call = limiter.run(aCall(), async () => {
      sent += 1;
      throw Object.assign(new Error('no such image'), { name: 'InvalidAMIID.NotFound' });
    });

    await expect(call).rejects.toThrow('no such image');
    expect(sent).toBe(1);
  });

  it('holds nothing back any more when half a minute has passed without a refusal', async () => {
    const clock = createSteppingClock();
    const limiter = createCallLimiter({ clock, random: () => 0.5 });
    const bucket = createAwsBucket(clock, { burst: 5, perSecond: 2 });
    await clock.run(Promise.all(numbers(20).map(() => limiter.run(aCall(), bucket.call))));
    await clock.run(clock.sleep(60_000, new AbortController().signal));
    const startedAt = clock.now();

    await clock.run(sendAll(limiter, 20));

    expect(clock.now()).toBe(startedAt);
  });
});

async function sendAll(limiter: CallLimiter, count: number): Promise<void> {
  await Promise.all(numbers(count).map(() => limiter.run(aCall(), async () => undefined)));
}

function aCall(caller = 'build', changes: Partial<LimitedCall> = {}): LimitedCall {
  return {
    bucket: 'us-east-1 ec2:RunInstances',
    caller,
    signal: new AbortController().signal,
    parallel: 8,
    ...changes,
  };
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

async function refuse(): Promise<never> {
  throw Object.assign(new Error('Request limit exceeded.'), { name: 'RequestLimitExceeded' });
}

/** AWS's side: every call takes 50 ms there and back. */
function createAwsBucket(clock: Clock, { burst, perSecond }: { readonly burst: number; readonly perSecond: number }) {
  let tokens = burst;
  let filledAt = clock.now();
  let accepted = 0;
  let refused = 0;
  return {
    accepted: () => accepted,
    refused: () => refused,
    call: async (): Promise<void> => {
      tokens = Math.min(burst, tokens + ((clock.now() - filledAt) / 1000) * perSecond);
      filledAt = clock.now();
      const isTaken = tokens >= 1;
      if (isTaken) tokens -= 1;
      await clock.sleep(50, new AbortController().signal);
      if (isTaken) accepted += 1;
      else refused += 1;
      if (!isTaken) await refuse();
    },
  };
}
