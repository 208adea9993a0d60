import type { BuildResources } from '../aws/ports.js';
import type { Clock } from '../clock.js';
import { BuildimgError } from '../errors.js';
import type { ResourceKind } from '../events.js';
import { type FoundTrace, findTraces, type RunTraces } from './find-traces.js';

export interface SweepOptions {
  readonly resources: BuildResources;
  readonly clock: Clock;
  /** Aborted: give up and say what is left. */
  readonly signal: AbortSignal;
  /** How long to keep trying; terminating a metal instance takes ten minutes. */
  readonly limitMs: number;
  readonly onRemoved: (kind: ResourceKind, id: string) => void;
  /** Nothing has been made for a while, so that a single look is believed. */
  readonly isSettled?: boolean;
  /** The finished AMI of a build that went well. */
  readonly keepImage?: { readonly id: string; readonly snapshotIds: readonly string[] };
}

export interface LeftResource {
  /** `unknown`: EC2 could not be asked, so anything may be left; then the id is the run. */
  readonly kind: ResourceKind | 'unknown';
  readonly id: string;
  /** Where it is, when that is not the region of the run. */
  readonly region?: string;
  readonly reason: string;
}

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 5000;
/** What waits for something that may not be removed will wait in vain; this long in case it waits for something else. */
const HOPELESS_LIMIT_MS = 30_000;
/** EC2 may answer from a replica that has not seen the last create yet, so nothing found so soon must be found twice. */
const EMPTY_SIGHTINGS = 2;

/**
 * Removes what a run made until nothing is found any more. Rounds of look-and-remove settle by themselves what depends
 * on what: a security group is refused while its instance is shutting down, and taken the next time.
 * Never throws: what could not be removed, or not even be looked for, comes back.
 */
export async function sweepRun(traces: RunTraces, options: SweepOptions): Promise<readonly LeftResource[]> {
  const { clock, signal, isSettled = false } = options;
  const enough = isSettled ? 1 : EMPTY_SIGHTINGS;
  let deadline = clock.now() + options.limitMs;
  const refusals = new Map<string, unknown>();
  let emptySightings = 0;
  let delayMs = FIRST_DELAY_MS;
  let left: readonly LeftResource[] = [];
  let known = traces;
  for (;;) {
    const found = await lookOnce(known, options);
    if (!(found instanceof Error)) known = remember(found, known);
    if (found instanceof Error) {
      emptySightings = 0;
      left = [{ kind: 'unknown', id: traces.run, reason: found.message }];
    } else {
      emptySightings = found.length === 0 ? emptySightings + 1 : 0;
      if (emptySightings === enough) {
        return [];
      }
      await removeAll(found, refusals, options);
      left = found.map(({ kind, id }) => ({ kind, id, reason: describe(refusals.get(id)) }));
    }
    const reasons = found instanceof Error ? [found] : reasonsOf(found, refusals);
    const isHopeless = left.length > 0 && reasons.every(isPermanent);
    if (reasons.some(isPermanent)) {
      deadline = Math.min(deadline, clock.now() + HOPELESS_LIMIT_MS);
    }
    if (isHopeless || signal.aborted || clock.now() + delayMs > deadline) {
      return left;
    }
    await clock.sleep(delayMs, signal).catch(() => undefined);
    delayMs = Math.min(delayMs * 1.5, LONGEST_DELAY_MS);
  }
}

/** An image goes before its snapshots, and then nothing but its id says whose they are. */
function remember(found: readonly FoundTrace[], traces: RunTraces): RunTraces {
  const images = found.filter(({ kind }) => kind === 'image').map(({ kind, id }) => ({ kind, id }));
  return { ...traces, learned: [...traces.learned, ...images] };
}

async function lookOnce(traces: RunTraces, options: SweepOptions): Promise<readonly FoundTrace[] | Error> {
  try {
    return await findTraces(options.resources, traces, options.keepImage);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function removeAll(
  found: readonly FoundTrace[],
  refusals: Map<string, unknown>,
  { resources, onRemoved }: SweepOptions,
): Promise<void> {
  for (const { kind, id, isGoing } of found) {
    if (isGoing) {
      continue;
    }
    try {
      await removers[kind](resources, id);
      refusals.delete(id);
      onRemoved(kind, id);
    } catch (error) {
      refusals.set(id, error);
    }
  }
}

const removers: Readonly<Record<ResourceKind, (resources: BuildResources, id: string) => Promise<void>>> = {
  instance: (resources, id) => resources.terminateInstances([id]),
  image: (resources, id) => resources.deregisterImage(id),
  snapshot: (resources, id) => resources.deleteSnapshot(id),
  volume: (resources, id) => resources.deleteVolume(id),
  'key-pair': (resources, name) => resources.deleteKeyPair(name),
  'security-group': (resources, id) => resources.deleteSecurityGroup(id),
  object: (resources, id) => resources.deleteObject(id),
};

function reasonsOf(found: readonly FoundTrace[], refusals: ReadonlyMap<string, unknown>): readonly unknown[] {
  return found.map(({ id }) => refusals.get(id));
}

// Missing permissions do not come back by waiting.
function isPermanent(reason: unknown): boolean {
  return reason instanceof BuildimgError && PERMANENT.has(reason.code);
}

const PERMANENT: ReadonlySet<string> = new Set([
  'AWS_NOT_AUTHORIZED',
  'AWS_AUTH_FAILURE',
  'AWS_CREDENTIALS_EXPIRED',
  'AWS_CREDENTIALS_MISSING',
]);

function describe(reason: unknown): string {
  return reason instanceof Error ? reason.message : 'still there when the time was up';
}
