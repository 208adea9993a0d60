import { type ImageLibrary, type ImageUse, type OwnImage, type UseKind, useKinds } from '../../aws/catalogue-ports.js';
import { BuildimgError } from '../../errors.js';
import { mapLimit } from '../../map-limit.js';
import type { BuildContext } from '../context.js';
import { listRuns } from '../read-runs.js';
import { findCandidates } from './decide-images.js';
import type { AccountFacts, ImageDetails, ImageFacts, KeepRules, Known } from './image-facts.js';

export interface FactsScope {
  readonly library: ImageLibrary;
  readonly context: Pick<BuildContext, 'clock' | 'environment'>;
  readonly signal: AbortSignal;
}

/** Tag with the name of the SSM parameter that an image was promoted to. */
export const PARAMETER_TAG = 'buildimg:parameter';

/** DescribeImageAttribute is throttled at 20 a second, and asked twice for an image. */
const DETAILS_AT_ONCE = 4;

/**
 * Everything that deciding needs, of one region. What may not be asked becomes an unknown fact; only the images
 * themselves have to be there.
 */
export async function gatherImageFacts(rules: KeepRules, scope: FactsScope): Promise<ImageFacts> {
  const { library, context, signal } = scope;
  const images = await library.listImages();
  const runs = await listRuns(context.environment);
  const account: AccountFacts = {
    images,
    uses: await gatherUses(images, scope),
    runs: {
      alive: new Set(runs.filter(({ state }) => state === 'running' || state === 'unknown').map(({ run }) => run)),
      known: new Set(runs.map(({ run }) => run)),
    },
    now: context.clock.now(),
  };
  const candidates = findCandidates(account, rules);
  const asked = await mapLimit(candidates, DETAILS_AT_ONCE, async ({ id }) => {
    signal.throwIfAborted();
    return [id, await gatherDetails(id, library)] as const;
  });
  signal.throwIfAborted();
  const details = asked.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  return { ...account, details: new Map(details) };
}

async function gatherUses(images: readonly OwnImage[], { library, signal }: FactsScope): Promise<AccountFacts['uses']> {
  const use = { imageIds: images.map(({ id }) => id), parameters: listParameterNames(images) };
  const uses: Partial<Record<UseKind, Known<readonly ImageUse[]>>> = {};
  for (const kind of useKinds) {
    signal.throwIfAborted();
    uses[kind] = images.length === 0 ? { value: [] } : await learn(() => library.listUses(kind, use));
  }
  return uses as AccountFacts['uses'];
}

/** Parameters that images say they were promoted to. */
export function listParameterNames(images: readonly OwnImage[]): readonly string[] {
  return [...new Set(images.flatMap(({ tags }) => tags[PARAMETER_TAG] ?? []))];
}

async function gatherDetails(id: string, library: ImageLibrary): Promise<ImageDetails> {
  return {
    sharedWith: await learn(() => library.listGrantees(id)),
    lastLaunch: await learn(() => library.findLastLaunch(id)),
  };
}

/** A question that AWS does not answer, for want of a permission or because the region lacks the service. */
export async function learn<T>(ask: () => Promise<T>): Promise<Known<T>> {
  try {
    return { value: await ask() };
  } catch (error) {
    if (error instanceof BuildimgError) return { unknown: error.message };
    throw error;
  }
}
