import type { MachineImage } from '../aws/ports.js';
import type { BuildImageRequest, BuildOutcome } from './build-request.js';
import type { BuildContext } from './context.js';
import { removeTemporaryKey } from './ec2/ssh/temporary-key.js';
import { createLeftBehindError } from './report-left.js';
import type { Run } from './run.js';
import { describeFailure, type RunFailure, type RunStory } from './run-failure.js';
import { runStep } from './steps.js';
import { sweepRegions } from './sweep-regions.js';
import type { LeftResource } from './sweep-run.js';

const SWEEP_LIMIT_MS = 600_000;
/** EC2 shows what was made within a second or two; what it shows after so long is all of it. */
const SETTLED_MS = 5000;
/** After a second Ctrl-C somebody is waiting at the terminal. */
const HURRIED_SWEEP_LIMIT_MS = 60_000;

/**
 * Runs `act`, then removes what the run left in EC2: all of it after a failure, all but the image and its copies after a
 * success, or when it failed after others could use them.
 * @throws what `act` threw; RESOURCES_LEFT_BEHIND, with that as its cause, when something would not go away.
 */
export async function cleanUpAfter<T extends CleanUpResult>(
  run: Run,
  { request, context, story }: CleanUpScope,
  act: () => Promise<T>,
): Promise<T> {
  const attempt = await act().then(
    (outcome) => ({ outcome }),
    (error: unknown) => ({ error }),
  );
  const built = 'outcome' in attempt ? attempt.outcome : undefined;
  const keepImage = built === undefined ? run.findPublished() : { id: built.amiId, snapshotIds: built.snapshotIds };
  const instanceId = run.findTraces()?.learned.findLast(({ kind }) => kind === 'instance')?.id;
  // Before the instance goes.
  const failure =
    'error' in attempt ? await describeFailure(attempt.error, { request, context, story, instanceId }) : undefined;
  const left = await sweep(run, { request, context, keepImage });
  await removeTemporaryKey(run);
  finish(run, { built, failure, left, request, context });
  if (left.length > 0) {
    const { endpoint } = request;
    throw createLeftBehindError(left, {
      region: request.image.region,
      ...('error' in attempt ? { cause: attempt.error } : {}),
      ...(endpoint === undefined ? {} : { endpoint }),
    });
  }
  if ('error' in attempt) {
    throw attempt.error;
  }
  return attempt.outcome;
}

export interface CleanUpScope {
  readonly request: CleanUpRequest;
  readonly context: BuildContext;
  readonly story: RunStory;
}

/** The image that is to stay; `built` unless it says otherwise. */
type CleanUpResult = Pick<BuildOutcome, 'amiId' | 'snapshotIds'> & Partial<Pick<BuildOutcome, 'outcome'>>;

/** Of a request, what cleaning up after it needs. */
export interface CleanUpRequest extends Pick<BuildImageRequest, 'aws' | 'interruption' | 'endpoint'> {
  /** Values to keep out of the journal. */
  readonly secrets?: readonly string[];
  readonly image: Pick<BuildImageRequest['image'], 'name' | 'region'>;
}

export interface SweepScope {
  readonly request: CleanUpRequest;
  readonly context: BuildContext;
  readonly keepImage: Pick<MachineImage, 'id' | 'snapshotIds'> | undefined;
}

/** Removes what a run has made so far, as a step; what would not go away comes back. */
export async function sweep(run: Run, { request, context, keepImage }: SweepScope): Promise<readonly LeftResource[]> {
  const traces = run.findTraces();
  if (traces === undefined) {
    return [];
  }
  const hurry = hurryAfter(request.interruption.killSignal, context);
  const step = keepImage === undefined ? 'remove what was made' : 'look for leftovers';
  try {
    const left = await runStep(context, step, () =>
      sweepRegions(traces, {
        aws: request.aws,
        clock: context.clock,
        signal: hurry.signal,
        limitMs: SWEEP_LIMIT_MS,
        isSettled: keepImage !== undefined && context.clock.now() - run.findLastMade() > SETTLED_MS,
        onRemoved: (kind, id, region) => run.forget(kind, id, region),
        ...(keepImage === undefined ? {} : { keepImage }),
      }),
    );
    forgetGone(run, { left, keepImage });
    return left;
  } finally {
    hurry.stop();
  }
}

/** Writes down as removed what the run knew of and a sweep has not found: packer, or the instance's own end, removed it. */
export function forgetGone(
  run: Run,
  { left, keepImage }: Pick<SweepScope, 'keepImage'> & { readonly left: readonly LeftResource[] },
): void {
  if (left.some(({ kind }) => kind === 'unknown')) return;
  for (const { kind, id, region } of run.listPresent()) {
    // With an image that stays, nobody has looked in the regions of its copies.
    const isUnseen = keepImage !== undefined && region !== undefined;
    const isKept = id === keepImage?.id || keepImage?.snapshotIds.includes(id) === true;
    // Of a security group the run knows the name, and a sweep the id.
    const isLeft = left.some((each) => each.id === id || (each.kind === kind && kind === 'security-group'));
    if (!isUnseen && !isKept && !isLeft) run.forget(kind, id, region);
  }
}

interface Ending {
  readonly built: CleanUpResult | undefined;
  readonly failure: RunFailure | undefined;
  readonly left: readonly LeftResource[];
  readonly request: CleanUpRequest;
  readonly context: BuildContext;
}

function finish(run: Run, { built, failure, left, request, context }: Ending): void {
  for (const { kind, ...resource } of left) {
    run.record({ kind: 'left', resource: kind, ...resource });
  }
  const ending = request.interruption.signal.aborted ? 'interrupted' : 'failed';
  const outcome = built === undefined ? ending : (built.outcome ?? 'built');
  const amiId = built?.amiId ?? run.findPublished()?.id;
  run.record({
    kind: 'finished',
    outcome,
    ...(amiId === undefined ? {} : { amiId }),
    ...(failure === undefined ? {} : { failure }),
  });
  run.close();
  context.emit('run.finished', { run: run.id, image: request.image.name, outcome });
}

/** A signal that is aborted a minute after the second Ctrl-C. */
function hurryAfter(
  killSignal: AbortSignal,
  { clock }: BuildContext,
): { readonly signal: AbortSignal; readonly stop: () => void } {
  const hurried = new AbortController();
  const stopped = new AbortController();
  const start = (): void => {
    clock.sleep(HURRIED_SWEEP_LIMIT_MS, stopped.signal).then(
      () => hurried.abort(),
      () => undefined,
    );
  };
  killSignal.addEventListener('abort', start, { once: true });
  if (killSignal.aborted) {
    start();
  }
  return {
    signal: hurried.signal,
    stop() {
      killSignal.removeEventListener('abort', start);
      stopped.abort();
    },
  };
}
