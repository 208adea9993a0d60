// The life of an image, top to bottom. This is the only place that knows the order.
import type { MachineImage } from '../aws/ports.js';
import { validateTemplate } from '../packer/validate-template.js';
import type { ImagePlan } from '../plan/image-plan.js';
import { renderForBuild } from '../render/render-image.js';
import type { BuildImageRequest, BuildOutcome } from './build-request.js';
import { createCaptureGate } from './capture-gate.js';
import { cleanUpAfter } from './clean-up-after.js';
import type { BuildContext } from './context.js';
import { findOwnAddress } from './find-own-address.js';
import { planBuild } from './plan-build.js';
import { openRun, type Run } from './run.js';
import { createRunId } from './run-folder.js';
import { runPackerBuild } from './run-packer-build.js';
import { scanExisting } from './scan-existing.js';
import { type ImageScan, scanImage } from './scan-image.js';
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
  const runId = createRunId(context);
  const { plan, existing } = await planBuild(image, {
    facts: request.facts,
    catalog: aws.catalog,
    force: request.force,
    context,
  });
  interruption.signal.throwIfAborted();
  context.emit('run.started', { run: runId, image: image.name, amiName: plan.amiName });
  if (existing !== undefined) {
    const scan = await scanExisting(existing, runId, { request, context });
    context.emit('run.finished', { run: runId, image: image.name, outcome: 'unchanged' });
    const elapsedMs = context.clock.now() - startedAt;
    return describeOutcome('unchanged', { built: existing, scan }, { request, run: runId, elapsedMs });
  }
  const run = await openRun(runId, request, context);
  return cleanUpAfter(run, { request, context }, async () => {
    const built = await makeImage(run, plan, { request, context });
    const elapsedMs = context.clock.now() - startedAt;
    return describeOutcome('built', built, { request, run: runId, elapsedMs, logFile: run.logFile });
  });
}

interface ScannedImage {
  readonly built: MachineImage;
  readonly scan: ImageScan | undefined;
}

async function makeImage(
  run: Run,
  plan: ImagePlan,
  { request, context }: { readonly request: BuildImageRequest; readonly context: BuildContext },
): Promise<ScannedImage> {
  const { packer, childEnvironment, interruption } = request;
  const { signal } = interruption;
  // With nothing to refuse an instance for, looking at it would only cost time.
  const isGated = request.image.scan.failOn !== 'none' && !request.allowFindings;
  const variables = await listVariables(run, plan, request);
  const templateFolder = await runStep(context, 'render template', async () => {
    const files = renderForBuild(plan, { templates: request.templates, isGated });
    return writeRendered({ outDir: run.folder, name: plan.image, files });
  });
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
  run.intend(plan.amiName);
  await runPackerBuild(
    {
      plan,
      request,
      variables,
      templateFolder,
      template: TEMPLATE_FILE,
      logFile: run.logFile,
      ...(isGated
        ? { gate: createCaptureGate({ folder: templateFolder, reportFile: run.instanceScanFile, request, context }) }
        : {}),
      onLearned: (kind, id) => run.learn(kind, id),
    },
    context,
  );
  const built = await runStep(context, 'verify image', () =>
    verifyImage({ catalog: request.aws.catalog, name: plan.amiName, run: run.id, clock: context.clock, signal }),
  );
  return { built, scan: await scanImage(built, { run, request, context, fate: 'The AMI was removed.' }) };
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
  { built, scan }: ScannedImage,
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
    ...(facts.logFile === undefined ? {} : { logFile: facts.logFile }),
  };
}
