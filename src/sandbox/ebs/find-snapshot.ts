import type { SnapshotRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { cancelIfExpired, isBeingWritten, type UploadedSnapshot } from '../world/snapshot-jobs.js';
import { accessDenied, invalid, snapshotNotFound } from './errors.js';

/**
 * A complete snapshot that the account may read: its own, or one that is shared with it. Public snapshots cannot be read
 * by the EBS direct APIs.
 *
 * @throws AwsError ResourceNotFoundException, AccessDeniedException, ValidationException
 */
export function getReadableSnapshot(context: RequestContext, id: string | undefined): SnapshotRecord {
  const snapshot = getSnapshot(context, id);
  if (snapshot.ownerId !== context.accountId && !snapshot.sharedAccounts.includes(context.accountId)) {
    throw accessDenied(snapshot.id);
  }
  if (snapshot.state === 'completed') return snapshot;
  throw invalid('INVALID_SNAPSHOT_ID', `The snapshot '${snapshot.id}' is not completed: it is ${snapshot.state}.`);
}

/**
 * A snapshot of the account's that was begun here and is not complete.
 *
 * @throws AwsError ResourceNotFoundException, AccessDeniedException, ValidationException
 */
export async function getWritableSnapshot(context: RequestContext, id: string | undefined): Promise<UploadedSnapshot> {
  const snapshot = getSnapshot(context, id);
  if (snapshot.ownerId !== context.accountId) throw accessDenied(snapshot.id);
  await cancelIfExpired(context, snapshot);
  const current = context.world.snapshots.find(snapshot.id);
  if (current !== undefined && isBeingWritten(current)) return current;
  throw invalid(
    'INVALID_SNAPSHOT_ID',
    `The snapshot '${snapshot.id}' cannot be written: it is ${current?.state ?? 'gone'}.`,
  );
}

function getSnapshot({ world, region }: RequestContext, id: string | undefined): SnapshotRecord {
  if (!/^snap-([0-9a-f]{8}|[0-9a-f]{17})$/.test(id ?? '')) {
    throw invalid('INVALID_SNAPSHOT_ID', `Invalid snapshot id: '${id}'`);
  }
  const snapshot = world.snapshots.find(id ?? '');
  if (snapshot === undefined || snapshot.region !== region) throw snapshotNotFound(id);
  return snapshot;
}
