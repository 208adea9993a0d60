import type { DeregisteredImageRecord, InstanceRecord, SnapshotRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';

/** Whether an account sees and may launch an image: its own, a public one, or one that is shared with it. */
export function isUsableImage(
  context: RequestContext,
  image: Omit<DeregisteredImageRecord, 'deregisteredAt'>,
): boolean {
  const { accountId, memberOf, faults, requestId } = context;
  if (faults.hides({ kind: 'image', requestId, ...image })) return false;
  return (
    image.ownerId === accountId ||
    image.isPublic ||
    image.sharedAccounts.includes(accountId) ||
    (image.sharedArns ?? []).some((arn) => memberOf.includes(arn))
  );
}

/** Whether an account may make volumes and copies of a snapshot. Launching a shared image does not ask for that. */
export function isReadableSnapshot(context: RequestContext, snapshot: SnapshotRecord): boolean {
  const { accountId, faults, requestId } = context;
  if (faults.hides({ kind: 'snapshot', requestId, createdAt: snapshot.startedAt, ...snapshot })) return false;
  return snapshot.ownerId === accountId || snapshot.isPublic || snapshot.sharedAccounts.includes(accountId);
}

/** Whether an instance is found yet. One that was started again has been seen before. */
export function isSeenInstance({ world, faults, requestId }: RequestContext, instance: InstanceRecord): boolean {
  const createdAt = world.volumes.find(instance.volumeId)?.createdAt ?? instance.launchedAt;
  return !faults.hides({ kind: 'instance', requestId, createdAt, id: instance.id, region: instance.region });
}
