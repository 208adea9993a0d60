import { createHash } from 'node:crypto';
import { PARALLEL_BLOCKS } from '../../aws/create-registration-access.js';
import { describeUpload } from '../../aws/own-snapshots.js';
import type { FoundResource } from '../../aws/ports.js';
import { BLOCK_BYTES, type StartedSnapshot } from '../../aws/registration-ports.js';
import { waitUntil } from '../../aws/wait-until.js';
import { createError } from '../../errors.js';
import type { BlockSource } from '../../scan/tree/image/block-source.js';
import type { Run } from '../run.js';
import { runStep } from '../steps.js';
import { openBlockLedger } from './block-ledger.js';
import { ledgerFileOf, openParentContent } from './parent-content.js';
import type { RegisterJob } from './register-request.js';
import { volumeSizeGibOf } from './registration.js';
import { tagsOf } from './registration-tags.js';
import { reportProgress } from './report-progress.js';
import { countBlocks, uploadDisk } from './upload-disk.js';

/** An upload that nobody goes on with is cancelled by EBS itself after half a day. */
const TIMEOUT_MINUTES = 720;
const COMPLETION_LIMIT_MS = 3_600_000;

/**
 * Makes a complete snapshot of a disk, or goes on with the one that an earlier attempt of the run has begun.
 * Errors: SNAPSHOT_FAILED, and those of the parent and of any AWS call.
 */
export async function uploadSnapshot(disk: BlockSource, job: RegisterJob): Promise<string> {
  const { run, request, context } = job;
  const { signal } = request.interruption;
  // First: a parent that cannot be read is known before anything is made.
  const parent = await openParentContent(request.registration, { ...request, context, signal });
  const snapshot = await runStep(context, 'start snapshot', () => ensureSnapshot(job));
  if (snapshot.state === 'completed') return snapshot.id;
  const ledger = await openBlockLedger(ledgerFileOf(run.folder, snapshot.id), countBlocks(disk.size));
  try {
    await runStep(context, 'upload', async () => {
      await uploadDisk({
        disk,
        snapshotId: snapshot.id,
        snapshots: request.access.snapshots,
        ledger,
        parent,
        sendsZeros: snapshot.isEncrypted,
        parallelBlocks: PARALLEL_BLOCKS,
        signal,
        onProgress: reportProgress('upload', { context, knownBlocks: ledger.knownBlocks, blockBytes: BLOCK_BYTES }),
      });
    });
    await runStep(context, 'complete snapshot', async () => {
      // False when an earlier attempt has completed it; then its state is the answer.
      await request.access.snapshots.complete(snapshot.id, ledger.summarise(), signal);
      await waitForCompletion(snapshot.id, job);
    });
    return snapshot.id;
  } finally {
    ledger.close();
  }
}

interface KnownSnapshot extends StartedSnapshot {
  readonly state: string;
}

/** The snapshot of an earlier attempt, unless EBS has given it up. */
async function ensureSnapshot(job: RegisterJob): Promise<KnownSnapshot> {
  const { run } = job;
  const known = await findSnapshots(run, job);
  const alive = known.find(({ state }) => state === 'pending' || state === 'completed');
  if (alive !== undefined) {
    run.learn('snapshot', alive.id);
    return { ...alive, isEncrypted: alive.isEncrypted === true };
  }
  return { ...(await startSnapshot(known.length, job)), state: 'pending' };
}

async function startSnapshot(attempt: number, { run, request }: RegisterJob): Promise<StartedSnapshot> {
  const { registration, access, interruption } = request;
  const { name, parent, encryption } = registration;
  // The same token after EBS has given a snapshot up would give that one again, hence the attempt.
  const token = createHash('sha256').update(`${run.id}|snapshot|${attempt}`).digest('hex');
  run.intend({ operation: 'start-snapshot', amiName: name, token, attempt });
  const started = await access.snapshots.start(
    {
      clientToken: token,
      volumeSizeGib: volumeSizeGibOf(registration),
      description: describeUpload(name),
      tags: tagsOf(registration, run.id),
      timeoutMinutes: TIMEOUT_MINUTES,
      ...(parent === undefined ? {} : { parentSnapshotId: parent }),
      ...(encryption === undefined ? {} : { encryption }),
    },
    interruption.signal,
  );
  run.learn('snapshot', started.id);
  return started;
}

async function waitForCompletion(snapshotId: string, job: RegisterJob): Promise<void> {
  const { request, context, run } = job;
  await waitUntil({
    what: `${snapshotId} to be completed`,
    limitMs: COMPLETION_LIMIT_MS,
    clock: context.clock,
    signal: request.interruption.signal,
    async check() {
      const state = (await findSnapshots(run, job)).find(({ id }) => id === snapshotId)?.state;
      if (state === 'error') throw createError('SNAPSHOT_FAILED', [snapshotId, state]);
      return state === 'completed' ? true : undefined;
    },
  });
}

async function findSnapshots({ id }: Pick<Run, 'id'>, { request }: RegisterJob): Promise<readonly FoundResource[]> {
  return await request.aws.resources.findSnapshots({ run: id, ids: [], instanceIds: [] });
}
