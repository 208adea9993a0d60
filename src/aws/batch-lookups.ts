import { mapLimit } from '../map-limit.js';
import type { LookupTurns } from './lookup-turns.js';

export interface BatchOptions<V> {
  /** Answers for many keys by one call; a key that is not in it has none, and an Error is for the one who asked for it. */
  readonly ask: (keys: readonly string[]) => Promise<BatchAnswer<V>>;
  /** Keys that one call takes. */
  readonly maxKeys: number;
  readonly turns: LookupTurns;
}

export type BatchAnswer<V> = ReadonlyMap<string, V | Error>;

/** Looks one key up for the build `caller`. */
export type Lookup<V> = (key: string, caller: string) => Promise<V | undefined>;

interface Asker<V> {
  readonly caller: string;
  readonly resolve: (answer: V | undefined) => void;
  readonly reject: (reason: unknown) => void;
}

type Batch<V> = readonly (readonly [key: string, askers: readonly Asker<V>[]])[];

/**
 * Joins lookups of several builds into calls: while one call is on its way, or its turn has not come, keys gather for the
 * next one. A lookup is answered by a call that was sent after it was asked for, never by an earlier answer. A build that is
 * alone waits for nobody, not even for itself.
 */
export function batchLookups<V>({ ask, maxKeys, turns }: BatchOptions<V>): Lookup<V> {
  const gathered = new Map<string, Asker<V>[]>();
  const asking = new Set<Batch<V>>();
  let waiting = 0;

  async function askForAll(): Promise<void> {
    while (gathered.size > 0 && waiting === 0) {
      waiting += 1;
      const failure = await turns.wait().catch((reason: unknown) => ({ reason }));
      waiting -= 1;
      const batch = [...gathered].slice(0, maxKeys);
      for (const [key] of batch) gathered.delete(key);
      if (failure === undefined) await answer(batch);
      else for (const asker of listAskers(batch)) asker.reject(failure.reason);
    }
  }

  async function answer(batch: Batch<V>): Promise<void> {
    asking.add(batch);
    try {
      const answers = await ask(batch.map(([key]) => key));
      for (const [key, askers] of batch) for (const asker of askers) settle(asker, answers.get(key));
    } catch (error) {
      for (const { reject } of listAskers(batch)) reject(error);
    } finally {
      asking.delete(batch);
    }
  }

  function isAlone(caller: string): boolean {
    return [...asking, [...gathered]].flatMap(listAskers).every((asker) => asker.caller === caller);
  }

  return (key, caller) =>
    new Promise((resolve, reject) => {
      turns.join(caller);
      gathered.set(key, [...(gathered.get(key) ?? []), { caller, resolve, reject }]);
      if (asking.size === 0 || isAlone(caller)) void askForAll();
    });
}

function settle<V>({ resolve, reject }: Asker<V>, answer: V | Error | undefined): void {
  if (answer instanceof Error) reject(answer);
  else resolve(answer);
}

/** Asks for each key by a call of its own. */
export async function askOneByOne<V>(
  keys: readonly string[],
  parallel: number,
  find: (key: string) => Promise<V | undefined>,
): Promise<BatchAnswer<V>> {
  const results = await mapLimit(keys, parallel, find);
  const answers = new Map<string, V | Error>();
  for (const [index, key] of keys.entries()) {
    const result = results[index];
    if (result?.status === 'rejected') answers.set(key, toError(result.reason));
    else if (result?.value !== undefined) answers.set(key, result.value);
  }
  return answers;
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

function listAskers<V>(batch: Batch<V>): readonly Asker<V>[] {
  return batch.flatMap(([, askers]) => askers);
}
