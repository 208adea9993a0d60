import type { ImageRecord, SnapshotRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';

/** Whether an account sees and may launch an image: its own, a public one, or one that is shared with it. */
export function isUsableImage({ accountId, memberOf }: RequestContext, image: ImageRecord): boolean {
  return (
    image.ownerId === accountId ||
    image.isPublic ||
    image.sharedAccounts.includes(accountId) ||
    (image.sharedArns ?? []).some((arn) => memberOf.includes(arn))
  );
}

/** Whether an account may make volumes and copies of a snapshot. Launching a shared image does not ask for that. */
export function isReadableSnapshot({ accountId }: RequestContext, snapshot: SnapshotRecord): boolean {
  return snapshot.ownerId === accountId || snapshot.isPublic || snapshot.sharedAccounts.includes(accountId);
}
