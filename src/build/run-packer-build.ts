import { createMask } from '../config/mask-secrets.js';
import { createError } from '../errors.js';
import type { ResourceKind } from '../events.js';
import { createFailureCollector } from '../packer/explain-failure.js';
import type { PackerBinary } from '../packer/find-packer.js';
import { type PackerMessage, stripUiPrefix } from '../packer/parse-machine-readable.js';
import { runPacker } from '../packer/run-packer.js';
import type { SecretsFile } from '../packer/secrets-file.js';
import { findLearnedResources } from '../packer/track-resources.js';
import type { ImagePlan } from '../plan/image-plan.js';
import { renderProvisioners } from '../render/packer/provisioners.js';
import type { BuildImageRequest } from './build-request.js';
import type { CaptureGate } from './capture-gate.js';
import type { BuildContext } from './context.js';
import { CLEAN_UP_STEP, createPackerStepNamer, LOCAL_SCRIPT } from './name-packer-step.js';
import { createStepSequence } from './steps.js';

export interface PackerBuild {
  readonly plan: ImagePlan;
  readonly packer: PackerBinary;
  readonly request: BuildImageRequest;
  readonly templateFolder: string;
  readonly template: string;
  readonly variables: Readonly<Record<string, string>>;
  /** The secret ones; removed as soon as packer has read it. */
  readonly secretsFile?: SecretsFile;
  readonly logFile: string;
  /** Answers packer before it seals; undefined when the template has nobody wait. */
  readonly gate?: CaptureGate;
  /** Called at once for whatever packer is about to make or has made. */
  readonly onLearned: (kind: ResourceKind, id: string) => void;
}

/**
 * Runs packer and tells its story as steps.
 * @throws PACKER_BUILD_FAILED; SCAN_FINDINGS when the gate refused the instance; INTERRUPTED when the run was stopped, whatever packer made of it.
 */
export async function runPackerBuild(build: PackerBuild, context: BuildContext): Promise<void> {
  const { plan, request } = build;
  const steps = createStepSequence(context, 'start packer');
  const failure = createFailureCollector();
  const nameStep = createPackerStepNamer(listScriptTitles(plan, build.gate !== undefined));
  let failingStep: string | undefined;
  const known = new Set<string>();

  function receive(message: PackerMessage): void {
    void build.secretsFile?.remove();
    failure.receive(message);
    for (const { kind, id } of findLearnedResources(message)) {
      if (!known.has(id)) {
        known.add(id);
        build.onLearned(kind, id);
      }
    }
    if (isWaiting(message)) build.gate?.open();
    const next = nameStep(message);
    if (next !== undefined) {
      failingStep = next === CLEAN_UP_STEP ? (failingStep ?? steps.current()) : undefined;
      steps.enter(next);
    }
    if (message.kind === 'ui') {
      emitOutput(message, steps.current(), context);
    }
  }

  const { exitCode } = await runPacker({
    packer: build.packer,
    directory: build.templateFolder,
    template: build.template,
    variables: build.variables,
    ...(build.secretsFile && { variablesFile: build.secretsFile.path }),
    environment: request.childEnvironment,
    logFile: build.logFile,
    clock: context.clock,
    signal: request.interruption.signal,
    killSignal: request.interruption.killSignal,
    onMessage: receive,
    mask: createMask(request.secrets),
  });
  if (request.interruption.signal.aborted) {
    steps.fail('interrupted');
    throw request.interruption.signal.reason;
  }
  const refusal = await build.gate?.findRefusal();
  if (refusal !== undefined) {
    steps.fail('the instance does not pass its policy');
    throw refusal;
  }
  if (exitCode !== 0) {
    const { reason } = failure.explain();
    steps.fail(reason.split('\n').at(-1) ?? reason);
    throw createError('PACKER_BUILD_FAILED', [plan.image, failingStep ?? steps.current(), reason, build.logFile]);
  }
  steps.finish();
}

/** Only packer itself says anything at level `say`. */
function isWaiting(message: PackerMessage): boolean {
  return message.kind === 'ui' && message.level === 'say' && LOCAL_SCRIPT.test(stripUiPrefix(message.text).trim());
}

function listScriptTitles(plan: ImagePlan, isGated: boolean): readonly string[] {
  return renderProvisioners(plan, { isGated }).flatMap(({ title, provisioner }) =>
    provisioner.type === 'shell' ? Array.from({ length: provisioner.scripts?.length ?? 1 }, () => title) : [],
  );
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
