// The builder `ec2`: an instance that a communicator reaches, stopped and captured by our own waits.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { communicatorOf } from '../../config/communicator-of.js';
import { createMask } from '../../config/mask-secrets.js';
import { BuildimgError, createError } from '../../errors.js';
import type { LocalFile } from '../../plugins/types.js';
import { copyTemplate } from '../../render/copy-template.js';
import { COLLECT_SCRIPT } from '../../render/packer/capture-gate.js';
import type { ImageBuild } from '../build-request.js';
import { runStep } from '../steps.js';
import { type CaptureScope, createImage, stopInstance, waitForImage } from './capture-image.js';
import { createCommunicator } from './communicators.js';
import { findOrLaunch, type Means } from './find-or-launch.js';
import { isGated } from './instance-gate.js';
import { packPayload } from './pack-payload.js';
import { provisionInstance } from './provision-instance.js';

/**
 * Makes the image of a plan. Each piece asks first how far an earlier attempt of the same run has come, so that a run that
 * was killed goes on from there. What it makes is told to the run, whose end removes it.
 */
export async function buildOnEc2(build: ImageBuild): Promise<void> {
  const { plan, run, context } = build;
  assertNoSecrets(build);
  const payloadFile = join(run.folder, 'payload.tar.gz');
  const communicator = createCommunicator(build);
  try {
    const payload = await pack(build, payloadFile);
    const capture = await prepareInstance(build, { communicator, payload });
    await runStep(context, 'create image', () => createImage(plan, capture));
    await runStep(context, 'wait for image', () => waitForImage(plan, capture));
    await endInstance(capture);
  } finally {
    await rm(payloadFile, { force: true });
  }
}

/** While the image is looked at; the end of the run makes sure of it. */
async function endInstance({ aws, instanceId, run }: CaptureScope): Promise<void> {
  try {
    await aws.resources.terminateInstances([instanceId]);
    run.forget('instance', instanceId);
  } catch {
    // It is tried again there, and reported.
  }
}

/** Of scripts that are files of the user's nobody can tell. */
function assertNoSecrets({ plan, request }: ImageBuild): void {
  if (communicatorOf(plan.builder) !== 'ssm') return;
  const text = JSON.stringify([plan.steps, plan.payload]);
  if (createMask(request.secrets)(text) !== text) throw createError('EC2_SECRETS', [plan.image]);
}

async function pack(build: ImageBuild, path: string): Promise<LocalFile | undefined> {
  const { plan, request } = build;
  const collector = isGated(build) ? [copyTemplate(COLLECT_SCRIPT, 'collect-tree.sh', request.templates)] : [];
  const files = [...plan.payload, ...collector];
  return files.length === 0 ? undefined : await packPayload(files, path);
}

/** An instance with every step done, ready to be captured. One that EC2 takes away again is replaced, once. */
async function prepareInstance(build: ImageBuild, means: Means): Promise<CaptureScope> {
  const { context } = build;
  try {
    return await prepareOnce(build, means);
  } catch (error) {
    const isTaken = error instanceof BuildimgError && error.code === 'EC2_INSTANCE_LOST';
    if (!isTaken || build.plan.builder.spot !== true) throw error;
    context.emit('warning.raised', { message: `${error.message}. Going on with an instance on demand` });
    return await prepareOnce(build, means);
  }
}

async function prepareOnce(build: ImageBuild, means: Means): Promise<CaptureScope> {
  const { run, request, context } = build;
  const { aws, interruption } = request;
  const instanceId = await runStep(context, 'launch instance', () => findOrLaunch(build, means));
  const capture: CaptureScope = { aws, instanceId, run, clock: context.clock, signal: interruption.signal };
  const instance = await aws.instances.findInstance(instanceId);
  // Only a whole set of steps is followed by a stop.
  if (instance?.state !== 'stopping' && instance?.state !== 'stopped') {
    await provisionInstance(build, { instanceId, ...means });
  }
  // EC2 stops no spot instance, but turns it off by itself to capture it.
  if (instance?.isSpot !== true) await runStep(context, 'stop instance', () => stopInstance(capture));
  return capture;
}
