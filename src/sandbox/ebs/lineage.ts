import type { SnapshotRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { invalid } from './errors.js';

// What copies and snapshots without a volume have in place of one.
const NO_VOLUME = 'vol-ffffffffffffffff0';

/**
 * Two snapshots can be compared when they are of the same volume, or one was written on top of the other.
 *
 * @throws AwsError ValidationException, UNRELATED_SNAPSHOTS
 */
export function assertRelated(context: RequestContext, first: SnapshotRecord, second: SnapshotRecord): void {
  const isSameVolume = first.volumeId === second.volumeId && first.volumeId !== NO_VOLUME;
  if (first.id === second.id || isSameVolume) return;
  if (isAncestor(context, first, second) || isAncestor(context, second, first)) return;
  throw invalid('UNRELATED_SNAPSHOTS', `The snapshots ${first.id} and ${second.id} are not of the same lineage.`);
}

function isAncestor({ world }: RequestContext, ancestor: SnapshotRecord, snapshot: SnapshotRecord): boolean {
  const seen = new Set<string>();
  let current: SnapshotRecord | undefined = snapshot;
  while (current !== undefined && !seen.has(current.id)) {
    seen.add(current.id);
    const parentId: string | undefined = current.upload?.parentSnapshotId;
    if (parentId === ancestor.id) return true;
    current = world.snapshots.find(parentId ?? '');
  }
  return false;
}
