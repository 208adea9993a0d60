import { callAws } from './translate-error.js';

/** What all pages of a list hold, in order. Errors: those of `callAws`. */
export async function collectPages<P, T>(
  action: string,
  pages: AsyncIterable<P>,
  pick: (page: P) => readonly T[] | undefined,
): Promise<readonly T[]> {
  return await callAws(action, async () => {
    const found: T[] = [];
    for await (const page of pages) found.push(...(pick(page) ?? []));
    return found;
  });
}
