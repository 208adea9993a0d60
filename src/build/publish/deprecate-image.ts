import { untilKnown } from '../until-known.js';
import { inEachRegion } from './in-each-region.js';
import { homeOf, intend, openRegion, type PublishScope } from './publish-scope.js';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/**
 * Has EC2 deprecate the image and its copies, all on the day that counts from when the image was made: building again does
 * not move it. A day that has passed is a warning, since EC2 takes days to come only.
 */
export async function deprecateImage(
  { afterDays }: { readonly afterDays: number },
  scope: PublishScope,
): Promise<void> {
  const { image: home } = homeOf(scope.ledger);
  const at = deprecationTime(home.creationDate, afterDays);
  if (Date.parse(at) <= scope.context.clock.now() + MINUTE_MS) {
    const message = `${home.id} was to be deprecated on ${at.slice(0, 10)} already; its deprecation is left as it is`;
    scope.context.emit('warning.raised', { message });
    return;
  }
  await inEachRegion(scope.ledger.images, scope.signal, async ({ region, image }, signal) => {
    if (isSameMinute(image.deprecatedAt, at)) return;
    const { distribution } = openRegion(scope, region);
    const change = `deprecated from ${at.slice(0, 10)} on in ${region}`;
    await intend(scope, { operation: 'deprecate-image', region, imageId: image.id, at }, change);
    await untilKnown(image.id, { ...scope, signal }, () => distribution.deprecateImage(image.id, at));
  });
}

/** `afterDays` after ISO 8601 `since`, to the minute, as EC2 keeps it. */
export function deprecationTime(since: string, afterDays: number): string {
  const time = Date.parse(since) + afterDays * DAY_MS;
  return new Date(Math.ceil(time / MINUTE_MS) * MINUTE_MS).toISOString();
}

function isSameMinute(actual: string | undefined, wanted: string): boolean {
  return actual !== undefined && Math.abs(Date.parse(actual) - Date.parse(wanted)) < MINUTE_MS;
}
