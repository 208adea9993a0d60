/**
 * Runs `act` over all items, at most `limit` at a time, and gives the results in the order of the items.
 * Never rejects: what an item threw stands in its place, so that one failure does not abandon the others half way.
 */
export async function mapLimit<T, R>(
  items: readonly T[],
  limit: number,
  act: (item: T) => Promise<R>,
): Promise<readonly PromiseSettledResult<R>[]> {
  const results: PromiseSettledResult<R>[] = [];
  let next = 0;
  async function work(): Promise<void> {
    while (next < items.length) {
      const index = next;
      next += 1;
      results[index] = await settle(act, items[index] as T);
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
  return results;
}

async function settle<T, R>(act: (item: T) => Promise<R>, item: T): Promise<PromiseSettledResult<R>> {
  try {
    return { status: 'fulfilled', value: await act(item) };
  } catch (reason) {
    return { status: 'rejected', reason };
  }
}
