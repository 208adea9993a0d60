// How a disk image becomes an AMI without an instance, top to bottom.
import type { MachineImage } from '../../aws/ports.js';
import { createError } from '../../errors.js';
import type { BlockSource } from '../../scan/tree/image/block-source.js';
import { openDiskImage } from '../../scan/tree/image/open-disk-image.js';
import { cleanUpAfter } from '../clean-up-after.js';
import type { BuildContext } from '../context.js';
import { createOnce, findOwnImage } from '../own-image.js';
import { openRun, reopenRun } from '../run.js';
import { watchStory } from '../run-failure.js';
import { createRunId } from '../run-folder.js';
import { runStep } from '../steps.js';
import { verifyImage } from '../verify-image.js';
import { judgeDisk } from './judge-disk.js';
import type { RegisterJob, RegisterOutcome, RegisterRequest } from './register-request.js';
import { volumeSizeGibOf } from './registration.js';
import { tagsOf } from './registration-tags.js';
import { uploadSnapshot } from './upload-snapshot.js';

/**
 * Uploads a disk as a snapshot and registers an image over it, or goes on where a killed run was. After a failure or an
 * interruption neither is left.
 * Errors: REGISTER_NAME_TAKEN, DISK_CHANGED, DISK_FINDINGS, SNAPSHOT_FAILED, PARENT_TOO_LARGE, those of reading a disk and
 * of any AWS call; RESOURCES_LEFT_BEHIND, with the first error as its cause, when removing failed.
 */
export async function registerDisk(request: RegisterRequest, context: BuildContext): Promise<RegisterOutcome> {
  const disk = await openDisk(request);
  try {
    return await registerOpened(disk, request, context);
  } finally {
    await disk.close();
  }
}

async function registerOpened(
  disk: BlockSource,
  request: RegisterRequest,
  outer: BuildContext,
): Promise<RegisterOutcome> {
  const { context, story } = watchStory(outer);
  const { registration, aws, resume, account, interruption } = request;
  const { name } = registration;
  const startedAt = context.clock.now();
  if (resume === undefined) await assertNameIsFree(name, request);
  const runId = resume?.run ?? createRunId(context);
  context.emit('run.started', { run: runId, image: name, amiName: name });
  const place = {
    image: { name, region: aws.region },
    ...(request.endpoint === undefined ? {} : { endpoint: request.endpoint }),
  };
  const run =
    resume === undefined
      ? await openRun(runId, { ...place, registration, account }, context)
      : await reopenRun(resume, context);
  return await cleanUpAfter(run, { request: { ...place, aws, interruption }, context, story }, async () => {
    const { id: amiId, snapshotIds } = await makeImage(disk, { run, request, context });
    const elapsedMs = context.clock.now() - startedAt;
    return { amiId, amiName: name, snapshotIds, region: aws.region, run: runId, elapsedMs };
  });
}

/** Before the run is taken up, so that a disk that was changed does not cost what is there already. */
async function openDisk({ registration, resume }: RegisterRequest): Promise<BlockSource> {
  const { disk: path, diskBytes } = registration;
  const disk = await openDiskImage(path);
  if (disk.size === diskBytes) return disk;
  await disk.close();
  throw createError('DISK_CHANGED', [resume?.run ?? registration.name, path, diskBytes, disk.size]);
}

async function assertNameIsFree(name: string, { aws }: RegisterRequest): Promise<void> {
  const existing = await aws.catalog.findImageByName(name);
  if (existing !== undefined) throw createError('REGISTER_NAME_TAKEN', [name, existing.id]);
}

async function makeImage(disk: BlockSource, job: RegisterJob): Promise<MachineImage> {
  const { run, request, context } = job;
  const { registration, aws, interruption } = request;
  const { signal } = interruption;
  const { clock } = context;
  const { name } = registration;
  // An earlier attempt of the run may have come that far; then only looking at it is left.
  if ((await findOwnImage(name, { aws, run })) === undefined) {
    if (registration.scan !== undefined) {
      await runStep(context, 'scan disk', () => judgeDisk(registration, { ...request, run, context, signal }));
    }
    const snapshotId = await uploadSnapshot(disk, job);
    await runStep(context, 'register image', () => registerImage(snapshotId, job));
  }
  return await runStep(context, 'verify image', () =>
    verifyImage({ catalog: aws.catalog, name, run: run.id, clock, signal }),
  );
}

async function registerImage(snapshotId: string, { run, request }: RegisterJob): Promise<void> {
  const { registration, access, aws } = request;
  const { name, description, architecture, bootMode, hasTpm, rootDeviceName } = registration;
  run.intend({ operation: 'register-image', amiName: name });
  const id = await createOnce(name, { aws, run }, () =>
    access.registerImage({
      name,
      description,
      architecture,
      bootMode,
      hasTpm,
      rootDeviceName,
      snapshotId,
      volumeSizeGib: volumeSizeGibOf(registration),
      tags: tagsOf(registration, run.id),
    }),
  );
  run.learn('image', id);
}
