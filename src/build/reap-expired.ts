// Cleaning up after runs of which this machine knows nothing: what they launched says by its own tags until when it may live.

import type { AwsAccess } from '../aws/create-aws-access.js';
import { type BuildResources, type FoundResource, RUN_TAG } from '../aws/ports.js';
import type { ResourceKind } from '../events.js';
import type { BuildContext } from './context.js';
import { EXPIRES_TAG } from './expiry.js';
import { listRuns } from './read-runs.js';
import type { LeftResource } from './sweep-run.js';

export interface ExpiredResource {
  readonly kind: Extract<ResourceKind, 'instance' | 'volume'>;
  readonly id: string;
  readonly run: string;
  /** ISO 8601. */
  readonly expires: string;
  /** It goes by itself, or with its instance. */
  readonly isGoing: boolean;
}

/** This machine's clock may be ahead, and a build that is late may just be ending. */
const GRACE_MS = 60 * 60_000;

export interface ExpiredScope {
  readonly aws: Pick<AwsAccess, 'library' | 'resources'>;
  readonly context: BuildContext;
  readonly signal: AbortSignal;
}

/**
 * Instances and volumes of builds that outlived the moment that they carry themselves by more than an hour. Those of runs whose journal is on
 * this machine are for `reap` without `--expired`; images carry no such moment, and are for `gc`.
 */
export async function findExpired({ aws, context }: ExpiredScope): Promise<readonly ExpiredResource[]> {
  const known = new Set((await listRuns(context.environment)).map(({ run }) => run));
  const now = context.clock.now() - GRACE_MS;
  // Tags first: most regions have none of them.
  const expired = (await aws.library.listTagged(EXPIRES_TAG)).filter(({ value }) => Date.parse(value) < now);
  if (expired.length === 0) return [];
  const ids = new Set(expired.map(({ id }) => id));
  const owners = (await aws.library.listTagged(RUN_TAG)).filter(({ id }) => ids.has(id));
  const runs = [...new Set(owners.map(({ value }) => value))].filter((run) => run !== '' && !known.has(run));
  const found: ExpiredResource[] = [];
  for (const run of runs) found.push(...(await findExpiredOf(run, now, aws.resources)));
  return found;
}

async function findExpiredOf(run: string, now: number, resources: BuildResources): Promise<readonly ExpiredResource[]> {
  const instances = await resources.findInstances({ run, keyNames: [] });
  const volumes = await resources.findVolumes(run);
  const describe =
    (kind: ExpiredResource['kind'], going: readonly string[]) =>
    ({ id, state, tags }: FoundResource): readonly ExpiredResource[] => {
      const expires = tags[EXPIRES_TAG] ?? '';
      const isOurs = tags[RUN_TAG] === run && Date.parse(expires) < now;
      return isOurs ? [{ kind, id, run, expires, isGoing: going.includes(state) }] : [];
    };
  return [
    ...instances.filter(({ state }) => state !== 'terminated').flatMap(describe('instance', ['shutting-down'])),
    ...volumes.filter(({ state }) => state !== 'deleted').flatMap(describe('volume', ['in-use', 'deleting'])),
  ];
}

/** Removes what `findExpired` found; what would not go away comes back. */
export async function removeExpired(
  found: readonly ExpiredResource[],
  { aws: { resources }, context, signal }: ExpiredScope,
): Promise<readonly LeftResource[]> {
  const left: LeftResource[] = [];
  for (const { kind, id, isGoing } of found) {
    signal.throwIfAborted();
    if (isGoing) continue;
    try {
      await (kind === 'instance' ? resources.terminateInstances([id]) : resources.deleteVolume(id));
      context.emit('resource.removed', { kind, id });
    } catch (error) {
      left.push({ kind, id, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return left;
}
