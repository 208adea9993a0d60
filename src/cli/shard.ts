// Parts of a config's images, for jobs that each build one part.
import { createHash } from 'node:crypto';
import { InvalidArgumentError, Option } from 'commander';

export interface Shard {
  /** From 1 to `count`. */
  readonly index: number;
  readonly count: number;
}

const MAX_SHARDS = 256;

export function shardOption(): Option {
  return new Option('--shard <i/n>', 'only the i-th of n parts of the images, the same on every machine').argParser(
    parseShard,
  );
}

/**
 * The images of one shard, in their order. Every image is in exactly one; no shard has more than its share, rounded up; and
 * an image that is added or goes moves few of the others.
 */
export function pickShard<T extends { readonly name: string }>(
  images: readonly T[],
  shard: Shard | undefined,
): readonly T[] {
  if (shard === undefined) return images;
  const shards = assignShards(new Set(images.map(({ name }) => name)), shard.count);
  return images.filter(({ name }) => shards.get(name) === shard.index);
}

/** Rendezvous hashing with bounded loads: each name goes to the shard that it weighs most with and that has room. */
function assignShards(names: ReadonlySet<string>, count: number): ReadonlyMap<string, number> {
  const room = Math.ceil(names.size / count);
  const loads = Array.from({ length: count }, () => 0);
  const shards = new Map<string, number>();
  for (const name of [...names].sort((one, other) => weigh(one).localeCompare(weigh(other)))) {
    const [chosen = 0] = loads
      .map((load, shard) => ({ load, shard, weight: weigh(`${name} ${shard}`) }))
      .filter(({ load }) => load < room)
      .sort((one, other) => other.weight.localeCompare(one.weight))
      .map(({ shard }) => shard);
    loads[chosen] = (loads[chosen] ?? 0) + 1;
    shards.set(name, chosen + 1);
  }
  return shards;
}

function weigh(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function parseShard(text: string): Shard {
  const [, first = '', second = ''] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? [];
  const shard = { index: Number(first), count: Number(second) };
  if (first === '' || shard.count < 1 || shard.count > MAX_SHARDS) {
    throw new InvalidArgumentError(`It is written I/N, such as 1/4, with N from 1 to ${MAX_SHARDS}.`);
  }
  if (shard.index < 1 || shard.index > shard.count) {
    throw new InvalidArgumentError(
      `There is no part ${shard.index} of ${shard.count}: they count from 1 to ${shard.count}.`,
    );
  }
  return shard;
}
