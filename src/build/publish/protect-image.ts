import { untilKnown } from '../until-known.js';
import { inEachRegion } from './in-each-region.js';
import { intendPublicly, openRegion, type PublishScope } from './publish-scope.js';

/** Keeps the image and its copies from being deregistered, by buildimg as well: that is why the image stays from here on. */
export async function protectImage(
  { withCooldown }: { readonly withCooldown: boolean },
  scope: PublishScope,
): Promise<void> {
  await inEachRegion(scope.ledger.images, scope.signal, async ({ region, image }, signal) => {
    const isThere = withCooldown ? image.protection === 'enabled-with-cooldown' : image.protection !== undefined;
    if (isThere) return;
    const { distribution } = openRegion(scope, region);
    await intendPublicly(scope, { operation: 'protect-image', region, imageId: image.id }, `protected in ${region}`);
    await untilKnown(image.id, { ...scope, signal }, () => distribution.protectImage(image.id, { withCooldown }));
  });
}
