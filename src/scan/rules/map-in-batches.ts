/** Results in the order of the items, `size` of them at work at a time. */
export async function* mapInBatches<Item, Result>(
  items: readonly Item[],
  size: number,
  work: (item: Item) => Promise<Result>,
): AsyncIterable<Result> {
  for (let start = 0; start < items.length; start += size) {
    yield* await Promise.all(items.slice(start, start + size).map(work));
  }
}
