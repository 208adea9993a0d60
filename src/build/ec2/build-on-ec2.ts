// The builder `ec2`: an instance without a key pair, a security group of its own or an open port, worked on through SSM.
import { createWriteStream } from 'node:fs';
import { createMask } from '../../config/mask-secrets.js';
import { createError } from '../../errors.js';
import type { ProvisionStep } from '../../plan/image-plan.js';
import type { ImageBuild } from '../build-request.js';
import type { BuildContext } from '../context.js';
import { runStep } from '../steps.js';
import { type CaptureScope, createImage, stopInstance, waitForImage } from './capture-image.js';
import { openInstanceShell } from './instance-shell.js';
import { launchInstance } from './launch-instance.js';
import { createLineEmitter } from './line-emitter.js';
import { rebootInstance } from './reboot-instance.js';
import { runProvisionStep } from './run-provision-step.js';
import { uploadPayload } from './upload-payload.js';
import { waitForAgent } from './wait-for-agent.js';

/**
 * Makes the image of a plan. Each piece asks first how far an earlier attempt of the same run has come, so that a run that
 * was killed goes on from there. What it makes is told to the run, whose end removes it.
 */
export async function buildOnEc2(build: ImageBuild): Promise<void> {
  const { plan, run, request, context } = build;
  const { aws } = request;
  const { signal } = request.interruption;
  const { clock } = context;
  assertNoSecrets(build);
  const instanceId = await findOrLaunch(build);
  const capture: CaptureScope = { aws, instanceId, run, clock, signal };
  const state = (await aws.instances.findInstance(instanceId))?.state;
  // Only a whole set of steps is followed by a stop.
  if (state !== 'stopping' && state !== 'stopped') await provision(build, instanceId);
  await runStep(context, 'stop instance', () => stopInstance(capture));
  await runStep(context, 'create image', () => createImage(plan, capture));
  await runStep(context, 'wait for image', () => waitForImage(plan, capture));
}

/** Of scripts that are files of the user's nobody can tell. */
function assertNoSecrets({ plan, request }: ImageBuild): void {
  const text = JSON.stringify([plan.steps, plan.payload]);
  if (createMask(request.secrets)(text) !== text) throw createError('EC2_SECRETS', [plan.image]);
}

/** The instance of an earlier attempt, if it can still be worked on. */
async function findOrLaunch({ plan, run, request, context }: ImageBuild): Promise<string> {
  const { aws, interruption } = request;
  const instanceProfile = plan.builder.iamInstanceProfile ?? request.instanceProfile;
  if (instanceProfile === undefined) throw createError('EC2_PROFILE_MISSING', [plan.image]);
  return await runStep(context, 'launch instance', async () => {
    const known = await aws.resources.findInstances({ run: run.id, keyNames: [] });
    const alive = known.find(({ state }) => ['pending', 'running', 'stopping', 'stopped'].includes(state));
    if (alive !== undefined) {
      run.learn('instance', alive.id);
      return alive.id;
    }
    return await launchInstance(plan, {
      instances: aws.instances,
      run,
      instanceProfile,
      attempt: known.length,
      context,
      signal: interruption.signal,
    });
  });
}

async function provision(build: ImageBuild, instanceId: string): Promise<void> {
  const { plan, run, request, context } = build;
  const files = plan.payload;
  const { aws, interruption } = request;
  const { signal } = interruption;
  const { clock } = context;
  const agent = { aws, instanceId, clock, signal };
  const shell = openInstanceShell({ ...agent, run: run.id });
  const log = createWriteStream(run.logFile, { flags: 'a', mode: 0o600 });
  const upload = () => uploadPayload({ image: plan.image, files, loginUser: plan.loginUser }, shell);
  const mask = createMask(request.secrets);
  try {
    await runStep(context, 'connect', () => waitForAgent(agent));
    if (files.length > 0) await runStep(context, 'upload', upload);
    for (const [index, step] of plan.steps.entries()) {
      const lines = createLineEmitter((line) => emitLine(mask(line), step, { log, context }));
      await runStep(context, step.title, () =>
        runProvisionStep(
          { index, step, loginUser: plan.loginUser },
          {
            image: plan.image,
            shell,
            logFile: run.logFile,
            onOutput: lines.push,
            async reboot() {
              await rebootInstance(shell, agent);
              await upload();
            },
          },
        ),
      ).finally(lines.end);
    }
  } finally {
    log.end();
  }
}

function emitLine(
  line: string,
  { title }: ProvisionStep,
  { log, context }: { readonly log: NodeJS.WritableStream; readonly context: BuildContext },
): void {
  log.write(`${title}: ${line}\n`);
  if (line.trim() !== '') context.emit('output.received', { step: title, line, stream: 'out' });
}
