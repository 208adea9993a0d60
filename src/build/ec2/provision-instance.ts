import { createWriteStream } from 'node:fs';
import { createMask } from '../../config/mask-secrets.js';
import type { ProvisionStep } from '../../plan/image-plan.js';
import type { InstanceShell } from '../../plugins/types.js';
import type { ImageBuild } from '../build-request.js';
import type { BuildContext } from '../context.js';
import { runStep } from '../steps.js';
import type { Means } from './find-or-launch.js';
import { assertInstancePasses, isGated } from './instance-gate.js';
import { createLineEmitter } from './line-emitter.js';
import { uploadPayload } from './pack-payload.js';
import { rebootInstance } from './reboot-instance.js';
import { runProvisionStep } from './run-provision-step.js';
import { isStepStarted } from './step-script.js';

export interface Provisioning extends Means {
  readonly instanceId: string;
}

/** Does every step of the plan that an earlier attempt of the run has not done. The last one seals. */
export async function provisionInstance(build: ImageBuild, provisioning: Provisioning): Promise<void> {
  const { plan, run, request, context } = build;
  const { instanceId, communicator, payload } = provisioning;
  const shell = await runStep(context, 'connect', () => communicator.connect(instanceId));
  const log = createWriteStream(run.logFile, { flags: 'a', mode: 0o600 });
  const mask = createMask(request.secrets);
  const last = plan.steps.length - 1;
  try {
    // What is uploaded after the image was sealed would be in it.
    const isSealing = request.resume !== undefined && (await isStepStarted(shell, last));
    const upload = async () => {
      if (payload !== undefined) await uploadPayload(payload, plan.loginUser, shell);
    };
    if (payload !== undefined && !isSealing) await runStep(context, 'upload', upload);
    for (const [index, step] of plan.steps.entries()) {
      if (index === last && !isSealing) await beforeSeal(build, shell);
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
              await rebootInstance(shell, build);
              await upload();
            },
          },
        ),
      ).finally(lines.end);
    }
  } finally {
    log.end();
    await shell.close();
  }
}

async function beforeSeal(build: ImageBuild, shell: InstanceShell): Promise<void> {
  const { plan, run, context } = build;
  if (isGated(build)) await runStep(context, 'scan instance', () => assertInstancePasses(build, shell));
  run.intend({ operation: 'seal', amiName: plan.amiName, instanceId: shell.instanceId });
}

function emitLine(
  line: string,
  { title }: ProvisionStep,
  { log, context }: { readonly log: NodeJS.WritableStream; readonly context: BuildContext },
): void {
  log.write(`${title}: ${line}\n`);
  if (line.trim() !== '') context.emit('output.received', { step: title, line, stream: 'out' });
}
