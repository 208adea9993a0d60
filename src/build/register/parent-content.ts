// What the parent of a snapshot holds, so that only what differs is sent. A parent that was registered from here is known
// by its digests; of any other the blocks are read.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { RegistrationAccess } from '../../aws/registration-ports.js';
import { createError } from '../../errors.js';
import type { BuildContext } from '../context.js';
import { listRuns, type RunReport } from '../read-runs.js';
import { readLedger } from './block-ledger.js';
import { type Registration, volumeSizeGibOf } from './registration.js';

export interface ParentContent {
  /** Whether the parent was ever written at an index; all else of it is zeros. */
  has(index: number): boolean;
  /** SHA-256 of a block that it has. */
  digestOf(index: number): Promise<Buffer>;
}

export interface ParentScope {
  readonly access: RegistrationAccess;
  readonly endpoint: string | undefined;
  readonly context: BuildContext;
  readonly signal: AbortSignal;
}

/**
 * Opens the parent of a registration; undefined when it has none.
 * Errors: PARENT_TOO_LARGE, and those of reading a snapshot.
 */
export async function openParentContent(
  registration: Registration,
  scope: ParentScope,
): Promise<ParentContent | undefined> {
  const { parent } = registration;
  if (parent === undefined) return undefined;
  const run = await findRunOf(parent, scope);
  if (run?.registration !== undefined) {
    assertFits(registration, volumeSizeGibOf(run.registration));
    return await openRemembered(ledgerFileOf(run.folder, parent));
  }
  const blocks = await scope.access.openParent(parent, scope.signal);
  assertFits(registration, blocks.size / 1024 ** 3);
  return {
    has: (index) => blocks.has(index),
    digestOf: async (index) =>
      createHash('sha256')
        .update(await blocks.fetch(index))
        .digest(),
  };
}

/** Where a run notes the blocks of a snapshot. */
export function ledgerFileOf(runFolder: string, snapshotId: string): string {
  return join(runFolder, `${snapshotId}.blocks`);
}

/** The run of this machine that has uploaded a snapshot to its end. */
async function findRunOf(snapshotId: string, { context, endpoint }: ParentScope): Promise<RunReport | undefined> {
  const runs = await listRuns(context.environment);
  return runs.find(
    (run) =>
      run.registration !== undefined &&
      run.state === 'built' &&
      run.endpoint === endpoint &&
      run.resources.some(({ id, state }) => id === snapshotId && state === 'there'),
  );
}

async function openRemembered(file: string): Promise<ParentContent> {
  const digests = new Map((await readLedger(file)).map(({ index, digest }) => [index, digest]));
  return {
    has: (index) => digests.has(index),
    digestOf: async (index) => digests.get(index) ?? Buffer.alloc(0),
  };
}

function assertFits(registration: Registration, parentGib: number): void {
  const gib = volumeSizeGibOf(registration);
  if (parentGib > gib) throw createError('PARENT_TOO_LARGE', [registration.parent ?? '', parentGib, gib]);
}
