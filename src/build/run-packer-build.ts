import { createMask } from '../config/mask-secrets.js';
import { createError } from '../errors.js';
import { createFailureCollector } from '../packer/explain-failure.js';
import type { PackerBinary } from '../packer/find-packer.js';
import { type PackerMessage, stripUiPrefix } from '../packer/parse-machine-readable.js';
import { runPacker } from '../packer/run-packer.js';
import type { SecretsFile } from '../packer/secrets-file.js';
import { renderProvisioners } from '../render/packer/provisioners.js';
import { listMarkedSteps, MARKER_VARIABLE } from '../render/packer/step-markers.js';
import type { ImageBuild } from './build-request.js';
import type { CaptureGate } from './capture-gate.js';
import type { BuildContext } from './context.js';
import { createPackerFollower, type PackerNews } from './follow-packer.js';
import { createStepSequence } from './steps.js';
import { watchPacker } from './watch-packer.js';

export interface PackerBuild extends ImageBuild {
  readonly packer: PackerBinary;
  readonly templateFolder: string;
  readonly template: string;
  readonly variables: Readonly<Record<string, string>>;
  /** The secret ones; removed as soon as packer has read it. */
  readonly secretsFile: SecretsFile | undefined;
  /** Answers packer before it seals; undefined when the template has nobody wait. */
  readonly gate: CaptureGate | undefined;
}

const MARKER_BYTES = 16;

/**
 * Runs packer and tells its story as steps. What it makes is told to the run as soon as packer announces it, before it is
 * connected, or EC2 shows it.
 * @throws PACKER_BUILD_FAILED; SCAN_FINDINGS when the gate refused the instance; INTERRUPTED when the run was stopped, whatever packer made of it.
 */
export async function runPackerBuild(build: PackerBuild): Promise<void> {
  const { plan, run, request, context, gate } = build;
  const steps = createStepSequence(context, 'start packer');
  const failure = createFailureCollector();
  const secret = context.randomHex(MARKER_BYTES);
  const provisioners = renderProvisioners(plan, { isGated: gate !== undefined });
  const follower = createPackerFollower({ secret, steps: listMarkedSteps(provisioners) });
  const watch = watchPacker({
    request,
    context,
    run,
    onFound(kind, id) {
      run.learn(kind, id);
      if (kind === 'image') steps.enter('create image');
    },
  });

  function follow({ step, isWaiting, isProvisioned, announced }: PackerNews): void {
    if (announced !== undefined) run.learn(announced.kind, announced.name);
    if (isWaiting === true) gate?.open();
    if (isProvisioned === true) watch.expectImage();
    if (step !== undefined) steps.enter(step);
  }

  let exitCode: number | undefined;
  try {
    ({ exitCode } = await runPacker({
      packer: build.packer,
      directory: build.templateFolder,
      template: build.template,
      variables: build.variables,
      ...(build.secretsFile && { variablesFile: build.secretsFile.path }),
      environment: { ...request.childEnvironment, [MARKER_VARIABLE]: secret },
      logFile: run.logFile,
      clock: context.clock,
      signal: request.interruption.signal,
      killSignal: request.interruption.killSignal,
      onLine(line) {
        const news = follower.readMarker(line);
        if (news !== undefined) follow(news);
        return news !== undefined;
      },
      onMessage(message) {
        void build.secretsFile?.remove();
        failure.receive(message);
        follow(follower.read(message));
        if (message.kind === 'ui') emitOutput(message, steps.current(), context);
      },
      mask: createMask([...request.secrets, secret]),
    }));
  } finally {
    await watch.stop();
  }
  if (request.interruption.signal.aborted) {
    steps.fail('interrupted');
    throw request.interruption.signal.reason;
  }
  const refusal = await gate?.findRefusal();
  if (refusal !== undefined) {
    steps.fail('the instance does not pass its policy');
    throw refusal;
  }
  if (exitCode !== 0) {
    const { reason } = failure.explain();
    steps.fail(reason.split('\n').at(-1) ?? reason);
    throw createError('PACKER_BUILD_FAILED', [plan.image, steps.current(), reason, run.logFile]);
  }
  steps.finish();
}

function emitOutput(
  message: Extract<PackerMessage, { readonly kind: 'ui' }>,
  step: string,
  context: BuildContext,
): void {
  for (const line of stripUiPrefix(message.text).split(/\r?\n|\r/)) {
    if (line.trim() !== '') {
      context.emit('output.received', { step, line, stream: message.level === 'error' ? 'error' : 'out' });
    }
  }
}
