import type { MachineImage } from '../aws/ports.js';
import type { ImagePlan } from '../plan/image-plan.js';
import type { BuildImageRequest, BuildOutcome } from './build-request.js';
import { cleanUpAfter } from './clean-up-after.js';
import type { BuildContext } from './context.js';
import { dropExpiry } from './drop-expiry.js';
import { createLateRun } from './late-run.js';
import { type Publication, publishImage } from './publish/publish-image.js';
import type { RunStory } from './run-failure.js';
import { scanExisting } from './scan-existing.js';
import type { ImageScan } from './scan-image.js';

export interface RefreshScope {
  readonly plan: ImagePlan;
  /** Of the run, if there turns out to be one. */
  readonly runId: string;
  readonly request: BuildImageRequest;
  readonly context: BuildContext;
  readonly story: RunStory;
  readonly describe: (found: RefreshedImage) => BuildOutcome;
}

export interface RefreshedImage {
  readonly scan: ImageScan | undefined;
  readonly publication: Publication;
}

/**
 * Holds an image of earlier against what is asked now, and completes its publication. Whatever comes of it, the image stays;
 * copies that this run made go again when it fails before anybody else could use them.
 * Errors: SCAN_FINDINGS; those of publishing and of cleaning up.
 */
export async function refreshExisting(existing: MachineImage, scope: RefreshScope): Promise<BuildOutcome> {
  const { plan, runId, request, context, story, describe } = scope;
  const late = createLateRun(runId, request, context);
  async function refresh(): Promise<BuildOutcome> {
    // One of an earlier version of buildimg may still have it.
    await dropExpiry(existing, { request, context });
    const scan = await scanExisting(existing, { late, request, context });
    const { signal } = request.interruption;
    return describe({
      scan,
      publication: await publishImage(existing, { plan, request, context, signal, late, scan }),
    });
  }
  const attempt = await refresh().then(
    (outcome) => ({ outcome }),
    (error: unknown) => ({ error }),
  );
  const act = async () => {
    if ('error' in attempt) throw attempt.error;
    return attempt.outcome;
  };
  const run = late.findRun();
  if (run !== undefined) return await cleanUpAfter(run, { request, context, story }, act);
  if (!('error' in attempt)) {
    context.emit('run.finished', { run: runId, image: request.image.name, outcome: 'unchanged' });
  }
  return await act();
}
