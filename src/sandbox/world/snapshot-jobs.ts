// What happens to a snapshot of the EBS direct APIs beyond the request: it becomes a qcow2 when it is complete, and is
// cancelled when nobody goes on with it.

import type { SnapshotRecord, SnapshotUpload } from './records.js';
import type { SandboxServices } from './services.js';

export type UploadedSnapshot = SnapshotRecord & { readonly upload: SnapshotUpload };

/** Whether somebody may still write to a snapshot. */
export function isBeingWritten(snapshot: SnapshotRecord): snapshot is UploadedSnapshot {
  return snapshot.state === 'pending' && snapshot.upload?.isComplete === false;
}

/** Turns a snapshot whose blocks are all there into one that images can be registered from. */
export function startSnapshotJob(services: SandboxServices, { id, file, isEncrypted }: SnapshotRecord): void {
  const { world, snapshotUploads, snapshotDisks } = services;
  services.runJob(`complete ${id}`, async () => {
    try {
      await snapshotDisks.noteBlocks(file, await snapshotUploads.seal(id, { file, isEncrypted }));
      world.snapshots.update(id, { state: 'completed' });
    } catch (error) {
      services.log(`${id} cannot be completed: ${String(error)}`);
      world.snapshots.update(id, { state: 'error' });
    }
    await world.commit();
  });
}

/** Takes up uploads of an earlier server, and removes what belongs to none. */
export async function resumeSnapshotUploads(services: SandboxServices): Promise<void> {
  const { world, snapshotUploads } = services;
  for (const id of await snapshotUploads.list()) {
    if (world.snapshots.find(id)?.state !== 'pending') await snapshotUploads.drop(id);
  }
  for (const snapshot of world.snapshots.list()) {
    if (snapshot.state === 'pending' && snapshot.upload?.isComplete === true) startSnapshotJob(services, snapshot);
  }
}

const MINUTE_MS = 60_000;

/** Cancels a snapshot to which nothing was written for its timeout; says whether it did. */
export async function cancelIfExpired(services: SandboxServices, snapshot: SnapshotRecord): Promise<boolean> {
  if (!isBeingWritten(snapshot)) return false;
  const lastWriteAt = await services.snapshotUploads.findLastWrite(snapshot.id);
  if (services.clock.now().getTime() - lastWriteAt <= snapshot.upload.timeoutMinutes * MINUTE_MS) return false;
  services.world.snapshots.update(snapshot.id, { state: 'error' });
  await services.snapshotUploads.drop(snapshot.id);
  return true;
}
