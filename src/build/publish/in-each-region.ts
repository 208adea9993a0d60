import { mapLimit } from '../../map-limit.js';

const PARALLEL_REGIONS = 16;

/**
 * Runs `act` for all items side by side, one item a region. The first failure calls the others off, and is what is thrown.
 */
export async function inEachRegion<T, R>(
  items: readonly T[],
  signal: AbortSignal,
  act: (item: T, signal: AbortSignal) => Promise<R>,
): Promise<readonly R[]> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const results = await mapLimit(items, PARALLEL_REGIONS, (item) =>
    act(item, either).catch((error: unknown) => {
      failed.abort(error);
      throw error;
    }),
  );
  signal.throwIfAborted();
  // Set by the first failure only: those that were called off by it reject with it, too.
  if (failed.signal.aborted) throw failed.signal.reason;
  return results.map((result) => (result as PromiseFulfilledResult<R>).value);
}
