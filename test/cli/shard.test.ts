import { describe, expect, it } from '@jest/globals';
import { assert, integer, property, stringMatching, uniqueArray } from 'fast-check';
import { pickShard } from '../../src/cli/shard.js';

describe('pickShard', () => {
  it('puts every image into exactly one shard, and none over its share', () => {
    const fleets = uniqueArray(stringMatching(/^[a-z][a-z0-9-]{0,12}$/), { maxLength: 80 });

    assert(
      property(fleets, integer({ min: 1, max: 20 }), (names, count) => {
        const images = names.map((name) => ({ name }));

        const shards = numbers(count).map((index) => pickShard(images, { index, count }));

        expect(shards.flat().map(({ name }) => name)).toHaveLength(names.length);
        expect(new Set(shards.flat()).size).toBe(names.length);
        expect(Math.max(...shards.map(({ length }) => length))).toBeLessThanOrEqual(Math.ceil(names.length / count));
      }),
    );
  });

  it('leaves nearly all images where they were when one is added', () => {
    const before = shardsOf(numbers(64).map((number) => `image-${number}`));

    const after = shardsOf([...numbers(64).map((number) => `image-${number}`), 'one-more']);

    const moved = [...before].filter(([name, shard]) => after.get(name) !== shard);
    expect(moved.length).toBeLessThan(8);
  });

  it('does not depend on the order of the images, and keeps it', () => {
    const images = numbers(10).map((number) => ({ name: `image-${number}` }));
    const shard = { index: 1, count: 2 };

    const picked = pickShard(images, shard);

    expect(pickShard(images.toReversed(), shard).toReversed()).toEqual(picked);
  });

  it('takes all images when there are no shards', () => {
    const images = [{ name: 'web' }];

    expect(pickShard(images, undefined)).toBe(images);
  });
});

function shardsOf(names: readonly string[]): ReadonlyMap<string, number> {
  const images = names.map((name) => ({ name }));
  return new Map(
    numbers(4).flatMap((index) => pickShard(images, { index, count: 4 }).map(({ name }) => [name, index] as const)),
  );
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
