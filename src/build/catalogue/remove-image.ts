import { IMAGE_TAG, type ImageLibrary, type OwnSnapshot } from '../../aws/catalogue-ports.js';
import { describeUpload, imageOfSnapshot } from '../../aws/own-snapshots.js';
import type { BuildResources } from '../../aws/ports.js';
import { awsErrorCode } from '../../aws/translate-error.js';
import { waitUntil } from '../../aws/wait-until.js';
import { BuildimgError } from '../../errors.js';
import type { BuildContext } from '../context.js';
import type { LeftResource } from '../sweep-run.js';

export interface RemoveScope {
  readonly library: ImageLibrary;
  readonly resources: BuildResources;
  readonly context: Pick<BuildContext, 'clock' | 'emit'>;
  readonly signal: AbortSignal;
}

/**
 * Tag of a snapshot whose image is about to be deregistered, with the id of that image: nothing else would say so if we
 * ended between the two.
 */
export const REMOVING_TAG = 'buildimg:removing';

/** A snapshot counts as in use for a while after its image has gone. */
const SNAPSHOT_LIMIT_MS = 60_000;

/**
 * Deregisters an image and deletes its snapshots; those that a build did not make, and those that another image is made
 * of, stay. What would not go away comes back.
 */
export async function removeImage(
  { id, snapshotIds }: { readonly id: string; readonly snapshotIds: readonly string[] },
  scope: RemoveScope,
): Promise<readonly LeftResource[]> {
  const { library, resources, context } = scope;
  let snapshots: readonly OwnSnapshot[];
  try {
    const found = await library.listSnapshots({ ids: snapshotIds });
    snapshots = found.filter(({ tags }) => tags[IMAGE_TAG] !== undefined);
    for (const snapshot of snapshots) await resources.tagImage(snapshot.id, { [REMOVING_TAG]: id });
    await resources.deregisterImage(id);
    context.emit('resource.removed', { kind: 'image', id });
  } catch (error) {
    return [{ kind: 'image', id, reason: describe(error) }];
  }
  const left: LeftResource[] = [];
  for (const snapshot of snapshots) left.push(...(await removeSnapshot(snapshot.id, id, scope)));
  return left;
}

/** Snapshots that were to go with an image that is gone, and are still there: an earlier removal was cut short. */
export async function findForgottenSnapshots(library: ImageLibrary): Promise<readonly ForgottenSnapshot[]> {
  const forgotten: ForgottenSnapshot[] = [];
  for (const snapshot of await library.listSnapshots({ tagKey: REMOVING_TAG })) {
    const { id, sizeGib, tags } = snapshot;
    const imageId = tags[REMOVING_TAG] ?? '';
    if (!isSnapshotOf(imageId, snapshot)) continue;
    const isUsed = (await library.listImagesOfSnapshot(id)).length > 0;
    if (!isUsed) forgotten.push({ id, sizeGib, imageId });
  }
  return forgotten;
}

/** By what EC2 says of its making, or our upload: somebody may have copied the snapshot with its tags. */
function isSnapshotOf(imageId: string, { description, tags }: OwnSnapshot): boolean {
  const name = tags[IMAGE_TAG];
  if (name === undefined) return false;
  return imageOfSnapshot(description) === imageId || description === describeUpload(name);
}

export interface ForgottenSnapshot {
  readonly id: string;
  readonly sizeGib: number;
  /** The image that it was of. */
  readonly imageId: string;
}

/** Deletes the snapshot of an image that is gone, unless another image is made of it. */
export async function removeSnapshot(
  id: string,
  imageId: string,
  { library, resources, context, signal }: RemoveScope,
): Promise<readonly LeftResource[]> {
  try {
    const fate = await waitUntil({
      what: `snapshot ${id} to be free`,
      limitMs: SNAPSHOT_LIMIT_MS,
      clock: context.clock,
      signal,
      async check() {
        // The image that has just gone may be listed for a while.
        const users = (await library.listImagesOfSnapshot(id)).filter((user) => user !== imageId);
        if (users.length > 0) return 'used';
        return await deleteWhenFree(id, resources);
      },
    });
    if (fate === 'deleted') context.emit('resource.removed', { kind: 'snapshot', id });
    return [];
  } catch (error) {
    return [{ kind: 'snapshot', id, reason: describe(error) }];
  }
}

/** Undefined while EC2 says that it is in use. */
async function deleteWhenFree(id: string, resources: BuildResources): Promise<'deleted' | undefined> {
  try {
    await resources.deleteSnapshot(id);
    return 'deleted';
  } catch (error) {
    if (error instanceof BuildimgError && awsErrorCode(error) === 'InvalidSnapshot.InUse') return undefined;
    throw error;
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
