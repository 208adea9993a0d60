// The life of an image, top to bottom. This is the only place that knows the order.
import { type MachineImage, RUN_TAG } from '../aws/ports.js';
import { validateTemplate } from '../packer/validate-template.js';
import type { ImagePlan } from '../plan/image-plan.js';
import { renderImage } from '../render/render-image.js';
import type { RenderedFile } from '../render/rendered-file.js';
import type { BuildImageRequest, BuildOutcome } from './build-request.js';
import { cleanUpAfter, sweep } from './clean-up-after.js';
import type { BuildContext } from './context.js';
import { buildOnEc2 } from './ec2/build-on-ec2.js';
import { waitForImage } from './ec2/capture-image.js';
import { findOwnAddress } from './find-own-address.js';
import { planBuild } from './plan-build.js';
import { openRun, type Run, reopenRun } from './run.js';
import { createRunId } from './run-folder.js';
import { runPackerBuild } from './run-packer-build.js';
import { runStep } from './steps.js';
import { verifyImage } from './verify-image.js';
import { writeRendered } from './write-rendered.js';

/** The legacy JSON: every version of Packer reads it. */
const TEMPLATE_FILE = 'template.json';

/**
 * Builds one image, or finds that the same inputs have built it before.
 * After a failure or an interruption everything that the run made is removed again, a pending AMI included.
 * @throws the coded error of what went wrong; RESOURCES_LEFT_BEHIND, with that as its cause, when removing failed.
 */
export async function buildImage(request: BuildImageRequest, context: BuildContext): Promise<BuildOutcome> {
  const { image, aws, interruption } = request;
  const startedAt = context.clock.now();
  const { resume } = request;
  const runId = resume?.id ?? createRunId(context);
  const { plan, existing } = await planBuild(image, {
    facts: request.facts,
    catalog: aws.catalog,
    force: request.force,
    context,
    ...(resume === undefined ? {} : { resume }),
  });
  interruption.signal.throwIfAborted();
  context.emit('run.started', { run: runId, image: image.name, amiName: plan.amiName });
  if (existing !== undefined) {
    context.emit('run.finished', { run: runId, image: image.name, outcome: 'unchanged' });
    return describeOutcome('unchanged', existing, { request, run: runId, elapsedMs: context.clock.now() - startedAt });
  }
  const run = resume === undefined ? await openRun(runId, request, context) : await reopenRun(resume, context);
  return cleanUpAfter(run, { request, context }, async () => {
    const built = await makeImage(run, plan, { request, context });
    const elapsedMs = context.clock.now() - startedAt;
    return describeOutcome('built', built, { request, run: runId, elapsedMs, logFile: run.logFile });
  });
}

async function makeImage(
  run: Run,
  plan: ImagePlan,
  { request, context }: { readonly request: BuildImageRequest; readonly context: BuildContext },
): Promise<MachineImage> {
  const files = renderImage(plan, 'packer-json', request.templates);
  const templateFolder = await runStep(context, 'render template', async () =>
    writeRendered({ outDir: run.folder, name: plan.image, files }),
  );
  if (await isRegistered(run, plan, request)) {
    const { aws, interruption } = request;
    const { clock } = context;
    await runStep(context, 'wait for image', () => waitForImage(plan, { aws, clock, signal: interruption.signal }));
  } else if (plan.builder.type === 'ec2') await buildOnEc2({ plan, files: listPayload(files), run, request, context });
  else {
    // Packer cannot go on with what an earlier attempt made.
    if (request.resume !== undefined) await sweep(run, { request, context, keepImage: undefined });
    await buildWithPacker(run, plan, { request, context, templateFolder });
  }
  return runStep(context, 'verify image', () =>
    verifyImage({
      catalog: request.aws.catalog,
      name: plan.amiName,
      run: run.id,
      clock: context.clock,
      signal: request.interruption.signal,
    }),
  );
}

/** An earlier attempt of this run may have come that far; then what is left is to wait. */
async function isRegistered(run: Run, plan: ImagePlan, { resume, aws }: BuildImageRequest): Promise<boolean> {
  if (resume === undefined) return false;
  const image = await aws.catalog.findImageByName(plan.amiName);
  const isOurs = image?.tags[RUN_TAG] === run.id || resume.traces?.learned.some(({ id }) => id === image?.id);
  return image !== undefined && isOurs === true && image.state !== 'failed';
}

/** What the instance needs of a rendered folder: all but the template and the text that explains it. */
function listPayload(files: readonly RenderedFile[]): readonly RenderedFile[] {
  return files.filter(({ path }) => path.includes('/'));
}

interface PackerScope {
  readonly request: BuildImageRequest;
  readonly context: BuildContext;
  readonly templateFolder: string;
}

async function buildWithPacker(run: Run, plan: ImagePlan, { request, context, templateFolder }: PackerScope) {
  const { packer, childEnvironment, interruption } = request;
  const { signal } = interruption;
  if (packer === undefined) throw new Error('Nobody looked for packer');
  const variables = await listVariables(run, plan, request);
  await runStep(context, 'check template', () =>
    validateTemplate({
      packer,
      image: plan.image,
      directory: templateFolder,
      template: TEMPLATE_FILE,
      variables,
      environment: childEnvironment,
      signal,
    }),
  );
  signal.throwIfAborted();
  run.intend({ operation: 'packer-build', amiName: plan.amiName });
  await runPackerBuild(
    {
      plan,
      packer,
      request,
      variables,
      templateFolder,
      template: TEMPLATE_FILE,
      logFile: run.logFile,
      onLearned: (kind, id) => run.learn(kind, id),
    },
    context,
  );
}

/** The template's variables: nothing secret, because every user of the machine can read a command line. */
async function listVariables(
  run: Run,
  plan: ImagePlan,
  { sshSourceCidr, sshPort, interruption }: BuildImageRequest,
): Promise<Readonly<Record<string, string>>> {
  const needsCidr = plan.builder.sshSourceCidrs === undefined && plan.builder.securityGroupIds === undefined;
  return {
    run_id: run.id,
    ...(sshPort === undefined ? {} : { ssh_port: String(sshPort) }),
    ...(needsCidr ? { ssh_source_cidr: sshSourceCidr ?? (await findOwnAddress(interruption.signal)) } : {}),
  };
}

function describeOutcome(
  outcome: BuildOutcome['outcome'],
  built: MachineImage,
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
    ...(facts.logFile === undefined ? {} : { logFile: facts.logFile }),
  };
}
