import { untilKnown } from '../until-known.js';
import { inEachRegion } from './in-each-region.js';
import { intend, openRegion, type PublishScope } from './publish-scope.js';

/** Tags the image and its copies, where they do not have the tags yet. */
export async function tagImage(
  { tags }: { readonly tags: Readonly<Record<string, string>> },
  scope: PublishScope,
): Promise<void> {
  await inEachRegion(scope.ledger.images, scope.signal, async ({ region, image }, signal) => {
    const missing = Object.entries(tags).filter(([key, value]) => image.tags[key] !== value);
    if (missing.length === 0) return;
    const { resources } = openRegion(scope, region);
    await intend(scope, { operation: 'tag-image', region, imageId: image.id }, `tagged in ${region}`);
    await untilKnown(image.id, { ...scope, signal }, () => resources.tagImage(image.id, Object.fromEntries(missing)));
  });
}
