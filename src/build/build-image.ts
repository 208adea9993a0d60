// The life of an image, top to bottom. This is the only place that knows the order.
import { type MachineImage, RUN_TAG } from '../aws/ports.js';
import type { ImagePlan } from '../plan/image-plan.js';
import type { BuildImageRequest, BuildOutcome } from './build-request.js';
import { buildWithPacker } from './build-with-packer.js';
import { cleanUpAfter } from './clean-up-after.js';
import type { BuildContext } from './context.js';
import { dropExpiry } from './drop-expiry.js';
import { buildOnEc2 } from './ec2/build-on-ec2.js';
import { waitForImage } from './ec2/capture-image.js';
import { asLateRun } from './late-run.js';
import { planBuild } from './plan-build.js';
import { assertNoTraps, findTraps } from './publish/find-traps.js';
import { publishImage } from './publish/publish-image.js';
import { type RefreshedImage, refreshExisting } from './refresh-existing.js';
import { openRun, type Run, reopenRun } from './run.js';
import { watchStory } from './run-failure.js';
import { createRunId } from './run-folder.js';
import { scanImage } from './scan-image.js';
import { runStep } from './steps.js';
import { untilKnown } from './until-known.js';
import { verifyImage } from './verify-image.js';

/**
 * Builds one image, or finds that the same inputs have built it before.
 * After a failure or an interruption everything that the run made is removed again, a pending AMI included.
 * @throws the coded error of what went wrong; RESOURCES_LEFT_BEHIND, with that as its cause, when removing failed.
 */
export async function buildImage(request: BuildImageRequest, outer: BuildContext): Promise<BuildOutcome> {
  const { context, story } = watchStory(outer);
  const { image, aws, interruption } = request;
  const startedAt = context.clock.now();
  const { resume } = request;
  const runId = resume?.run ?? createRunId(context);
  const { plan, existing } = await planBuild(image, {
    facts: request.facts,
    catalog: aws.catalog,
    force: request.force,
    context,
    ...(request.locked === undefined ? {} : { locked: request.locked }),
    ...(resume === undefined ? {} : { resume }),
  });
  interruption.signal.throwIfAborted();
  if (resume === undefined) await assertPublishable(plan, existing, { request, context });
  context.emit('run.started', { run: runId, image: image.name, amiName: plan.amiName });
  if (existing !== undefined) {
    const describe = (found: RefreshedImage) => {
      const elapsedMs = context.clock.now() - startedAt;
      return describeOutcome('unchanged', { built: existing, ...found }, { request, run: runId, elapsedMs });
    };
    return await refreshExisting(existing, { plan, runId, request, context, story, describe });
  }
  const run = resume === undefined ? await openRun(runId, request, context) : await reopenRun(resume, context);
  return cleanUpAfter(run, { request, context, story }, async () => {
    const built = await makeImage(run, plan, { request, context });
    const elapsedMs = context.clock.now() - startedAt;
    return describeOutcome('built', built, { request, run: runId, elapsedMs, logFile: run.logFile });
  });
}

/** Before anything is made: what EC2 would refuse at the end is refused at once. */
async function assertPublishable(
  plan: ImagePlan,
  existing: MachineImage | undefined,
  { request, context }: { readonly request: BuildImageRequest; readonly context: BuildContext },
): Promise<void> {
  if (plan.publication.length === 0) return;
  const { aws, secrets, interruption } = request;
  const traps = await runStep(context, 'check publication', () =>
    findTraps({ plan, existing, aws, secrets, signal: interruption.signal }),
  );
  assertNoTraps(plan.image, traps);
}

interface FinishedImage extends RefreshedImage {
  readonly built: MachineImage;
}

async function makeImage(
  run: Run,
  plan: ImagePlan,
  { request, context }: { readonly request: BuildImageRequest; readonly context: BuildContext },
): Promise<FinishedImage> {
  const { aws, interruption } = request;
  const { clock } = context;
  const { signal } = interruption;
  if (await isRegistered(run, plan, request)) {
    await runStep(context, 'wait for image', () => waitForImage(plan, { aws, clock, signal }));
  } else {
    const build = plan.builder.type === 'ec2' ? buildOnEc2 : buildWithPacker;
    await build({ plan, run, request, context });
  }
  const built = await runStep(context, 'verify image', () =>
    verifyImage({ catalog: aws.catalog, name: plan.amiName, run: run.id, clock, signal }),
  );
  run.learn('image', built.id);
  // Packer before 1.10 cannot say it, and CreateImage cannot either.
  await runStep(context, 'require IMDSv2', () =>
    untilKnown(built.id, { context, signal }, () => aws.resources.requireImdsV2(built.id)),
  );
  await dropExpiry(built, { request, context });
  const scan = await scanImage(built, { run, request, context, fate: 'The AMI was removed.' });
  const late = asLateRun(run);
  return { built, scan, publication: await publishImage(built, { plan, request, context, signal, late, scan }) };
}

/** An earlier attempt of this run may have come that far; then what is left is to wait. */
async function isRegistered(run: Run, plan: ImagePlan, { resume, aws }: BuildImageRequest): Promise<boolean> {
  if (resume === undefined) return false;
  const image = await aws.catalog.findImageByName(plan.amiName);
  const isOurs = image?.tags[RUN_TAG] === run.id || resume.traces?.learned.some(({ id }) => id === image?.id);
  return image !== undefined && isOurs === true && image.state !== 'failed';
}

function describeOutcome(
  outcome: BuildOutcome['outcome'],
  { built, scan, publication }: FinishedImage,
  facts: {
    readonly request: BuildImageRequest;
    readonly run: string;
    readonly elapsedMs: number;
    readonly logFile?: string;
  },
): BuildOutcome {
  const { image } = facts.request;
  return {
    image: image.name,
    outcome,
    amiId: built.id,
    amiName: built.name,
    snapshotIds: built.snapshotIds,
    region: image.region,
    run: facts.run,
    elapsedMs: facts.elapsedMs,
    ...(scan === undefined ? {} : { scan }),
    changes: publication.changes,
    manifest: publication.manifest,
    ...(facts.logFile === undefined ? {} : { logFile: facts.logFile }),
  };
}
