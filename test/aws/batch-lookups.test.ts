import { describe, expect, it } from '@jest/globals';
import { batchLookups } from '../../src/aws/batch-lookups.js';
import { AT_ONCE, createLookupTurns } from '../../src/aws/lookup-turns.js';
import { createSteppingClock } from '../support/stepping-clock.js';

const NEVER = new AbortController().signal;

describe('batchLookups', () => {
  it('asks once for all builds that ask in the same moment', async () => {
    const { lookup, asked } = aService();

    const answers = await Promise.all(['i-1', 'i-2', 'i-3'].map((id) => lookup(id, `build of ${id}`)));

    expect(answers).toEqual(['state of i-1', 'state of i-2', 'state of i-3']);
    expect(asked).toEqual([['i-1', 'i-2', 'i-3']]);
  });

  it('answers by a call that was sent after the question, never by one that was on its way', async () => {
    const release: (() => void)[] = [];
    const states = ['pending', 'running'];
    const lookup = batchLookups<string>({
      async ask(keys) {
        const state = states.shift() ?? '';
        await new Promise<void>((resolve) => release.push(resolve));
        return new Map(keys.map((key) => [key, state]));
      },
      maxKeys: 10,
      turns: AT_ONCE,
    });
    const first = lookup('i-1', 'one');
    await settle();
    const second = lookup('i-1', 'two');
    await settle();

    expect(release).toHaveLength(1);
    release[0]?.();
    await settle();
    release[1]?.();

    expect([await first, await second]).toEqual(['pending', 'running']);
  });

  it('lets a build that is alone ask as often as it likes, several at a time', async () => {
    const clock = createSteppingClock();
    const { lookup, asked } = aService({ turns: createLookupTurns({ clock, random: () => 0.5, signal: NEVER }) });
    const startedAt = clock.now();

    for (const id of ['i-1', 'i-2', 'i-3']) await lookup(id, 'only build');

    expect(clock.now()).toBe(startedAt);
    expect(asked).toHaveLength(3);
  });

  it('asks for sixty-four builds that poll about once a second, not once for each', async () => {
    const clock = createSteppingClock();
    const { lookup, asked } = aService({ turns: createLookupTurns({ clock, random: () => 0.5, signal: NEVER }) });
    const startedAt = clock.now();
    const poll = async (build: string) => {
      for (let round = 0; round < 20; round += 1) {
        await lookup(`i-${build}`, build);
        await clock.sleep(1000 + Number(build) * 13, NEVER);
      }
    };

    await clock.run(Promise.all(Array.from({ length: 64 }, (_, index) => poll(String(index)))));

    const seconds = (clock.now() - startedAt) / 1000;
    expect(asked.length).toBeLessThan(seconds + 2);
    expect(asked.flat()).toHaveLength(64 * 20);
  });

  it('has no answer for what is missing, and the others have theirs', async () => {
    const { lookup } = aService({ missing: ['i-2'] });

    const answers = await Promise.all(['i-1', 'i-2'].map((id) => lookup(id, id)));

    expect(answers).toEqual(['state of i-1', undefined]);
  });

  it('tells an error of one key to who asked for it only', async () => {
    const lookup = batchLookups<string>({
      ask: async (keys) => new Map(keys.map((key) => [key, key === 'bad' ? new Error('forbidden') : 'fine'])),
      maxKeys: 10,
      turns: AT_ONCE,
    });

    const results = await Promise.allSettled([lookup('good', 'one'), lookup('bad', 'two')]);

    expect(results).toEqual([
      { status: 'fulfilled', value: 'fine' },
      { status: 'rejected', reason: new Error('forbidden') },
    ]);
  });

  it('asks in pieces when one call cannot take all keys', async () => {
    const { lookup, asked } = aService({ maxKeys: 2 });

    await Promise.all(['i-1', 'i-2', 'i-3'].map((id) => lookup(id, id)));

    expect(asked).toEqual([['i-1', 'i-2'], ['i-3']]);
  });

  it('goes on after a call that failed, which all who asked hear of', async () => {
    const outcomes = ['fail', 'answer'];
    const lookup = batchLookups<string>({
      async ask(keys) {
        if (outcomes.shift() === 'fail') throw new Error('AWS is away');
        return new Map(keys.map((key) => [key, 'here']));
      },
      maxKeys: 10,
      turns: AT_ONCE,
    });

    const first = await Promise.allSettled([lookup('i-1', 'one'), lookup('i-2', 'two')]);
    const second = await lookup('i-1', 'one');

    expect(first.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(second).toBe('here');
  });
});

function aService({ maxKeys = 100, missing = [] as readonly string[], turns = AT_ONCE } = {}) {
  const asked: (readonly string[])[] = [];
  const lookup = batchLookups<string>({
    async ask(keys) {
      asked.push(keys);
      return new Map(keys.filter((key) => !missing.includes(key)).map((key) => [key, `state of ${key}`]));
    },
    maxKeys,
    turns,
  });
  return { lookup, asked };
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
