export interface BlockCacheOptions {
  readonly fetch: (index: number) => Promise<Buffer>;
  /** Blocks that are kept; the one used longest ago goes first. */
  readonly capacity: number;
  /** Blocks that may be on their way without anybody waiting for them. */
  readonly aheadLimit: number;
}

export interface BlockCache {
  /** The block at an index; readers of a block that is on its way share one request. */
  get(index: number): Promise<Buffer>;
  /** Begins to fetch blocks that may be wanted next. A failure shows only to who reads the block later. */
  readAhead(indexes: readonly number[]): void;
  clear(): void;
}

/** Keeps blocks that were read lately. */
export function createBlockCache({ fetch, capacity, aheadLimit }: BlockCacheOptions): BlockCache {
  const blocks = new Map<number, Promise<Buffer>>();
  let ahead = 0;

  function get(index: number): Promise<Buffer> {
    const block = blocks.get(index) ?? load(index);
    blocks.delete(index);
    blocks.set(index, block);
    for (const oldest of blocks.keys()) {
      if (blocks.size <= capacity) break;
      blocks.delete(oldest);
    }
    return block;
  }

  function load(index: number): Promise<Buffer> {
    const loading = fetch(index);
    loading.catch(() => {
      if (blocks.get(index) === loading) blocks.delete(index);
    });
    return loading;
  }

  return {
    get,
    readAhead(indexes) {
      for (const index of indexes.filter((each) => !blocks.has(each)).slice(0, aheadLimit - ahead)) {
        ahead += 1;
        get(index)
          .catch(() => undefined)
          .finally(() => {
            ahead -= 1;
          });
      }
    },
    clear: () => blocks.clear(),
  };
}
