import { createHash } from 'node:crypto';
import { type MachineImage, RUN_TAG } from '../../aws/ports.js';
import { waitUntil } from '../../aws/wait-until.js';
import type { PublishRegion } from '../../config/publish-config.js';
import { createError } from '../../errors.js';
import { findPublicationStep } from '../../plan/publication-plan.js';
import { untilKnown } from '../until-known.js';
import { inEachRegion } from './in-each-region.js';
import { homeOf, intend, openRegion, type PublishScope } from './publish-scope.js';

/** On a copy: the image that it is of. Two images of the same inputs bear the same name, and are two. */
export const COPY_TAG = 'buildimg:copy-of';

/** Time for hundreds of gigabytes over an ocean. */
const COPY_LIMIT_MS = 12 * 3_600_000;
const LONGEST_DELAY_MS = 5000;
/** EC2 may answer from a replica that is behind; three sightings in a row is what pubsys settled on. */
const SIGHTINGS = 3;

/** Copies the image to all regions at once, and waits until every copy may be launched. Copies that are there stay. */
export async function copyImage(
  { regions }: { readonly regions: readonly PublishRegion[] },
  scope: PublishScope,
): Promise<void> {
  const { image: home } = homeOf(scope.ledger);
  // Its tags may have changed since it was verified: by the scan, and by the boot test.
  const source = (await scope.request.aws.catalog.findImage(home.id)) ?? home;
  const copies = await inEachRegion(regions, scope.signal, async (target, signal) => {
    const image = await ensureCopy(target, source, { ...scope, signal });
    return { region: target.region, image };
  });
  scope.ledger.images.push(...copies);
}

async function ensureCopy(target: PublishRegion, source: MachineImage, scope: PublishScope): Promise<MachineImage> {
  const { catalog, resources } = openRegion(scope, target.region);
  const existing = await catalog.findImageByName(source.name);
  if (existing !== undefined && !isCopyOf(source, existing)) {
    throw createError('IMAGE_NAME_TAKEN', [source.name, `${existing.id} in ${target.region}`, existing.state]);
  }
  const isUsable = existing !== undefined && !isFailed(existing);
  if (isUsable && existing.state === 'available') return existing;
  if (!isUsable) await requestCopy(target, source, { scope, failed: existing });
  const copy = await waitForCopy(target.region, source, scope);
  // Not every way of making an image hands the attribute on.
  await untilKnown(copy.id, scope, () => resources.requireImdsV2(copy.id));
  return copy;
}

export function isCopyOf(source: Pick<MachineImage, 'id'>, { tags }: MachineImage): boolean {
  return tags[COPY_TAG] === source.id;
}

function isFailed({ state }: MachineImage): boolean {
  return ['failed', 'error', 'invalid', 'deregistered'].includes(state);
}

interface CopyRequest {
  readonly scope: PublishScope;
  /** A copy that came to nothing and still has the name. */
  readonly failed: MachineImage | undefined;
}

async function requestCopy(
  { region, kmsKeyId }: PublishRegion,
  source: MachineImage,
  { scope, failed }: CopyRequest,
): Promise<void> {
  const { resources, distribution } = openRegion(scope, region);
  const { plan, request, late } = scope;
  const run = await late.open();
  if (failed !== undefined && failed.state !== 'deregistered') {
    await resources.deregisterImage(failed.id);
    run.forget('image', failed.id, region);
  }
  // Asked with the same token EC2 gives the same copy, also one that failed.
  const token = createHash('sha256').update(`${run.id}|copy|${region}|${failed?.id}`).digest('hex').slice(0, 60);
  await intend(scope, { operation: 'copy-image', region, token }, `copied to ${region}`);
  const id = await distribution.copyImage({
    clientToken: token,
    sourceImageId: source.id,
    sourceRegion: request.image.region,
    name: source.name,
    description: plan.amiDescription,
    ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
    tags: {
      ...source.tags,
      ...findPublicationStep(plan.publication, 'tag')?.tags,
      [RUN_TAG]: run.id,
      [COPY_TAG]: source.id,
    },
  });
  run.learn('image', id, region);
}

async function waitForCopy(region: string, { name }: MachineImage, scope: PublishScope): Promise<MachineImage> {
  const { catalog } = openRegion(scope, region);
  return await waitUntil({
    what: `the copy of ${name} in ${region}`,
    limitMs: COPY_LIMIT_MS,
    longestDelayMs: LONGEST_DELAY_MS,
    sightings: SIGHTINGS,
    clock: scope.context.clock,
    signal: scope.signal,
    async check() {
      const copy = await catalog.findImageByName(name);
      if (copy !== undefined && isFailed(copy)) {
        const state = copy.stateReason === undefined ? copy.state : `${copy.state}: ${copy.stateReason}`;
        throw createError('IMAGE_COPY_FAILED', [name, region, state]);
      }
      return copy?.state === 'available' ? copy : undefined;
    },
  });
}
