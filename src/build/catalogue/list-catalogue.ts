import { IMAGE_TAG, type ImageLibrary, type ImageUse, type OwnImage } from '../../aws/catalogue-ports.js';
import { RUN_TAG } from '../../aws/ports.js';
import { mapLimit } from '../../map-limit.js';
import { readScanTags, type ScanTags } from '../scan-tags.js';
import { compareImages } from './decide-images.js';
import { learn, listParameterNames } from './gather-image-facts.js';
import type { Known } from './image-facts.js';

/** An image as the catalogue shows it. Undefined is what nobody knows. */
export interface CatalogueEntry {
  readonly region: string;
  readonly id: string;
  readonly name: string;
  /** Name and version by the config that it was built from. */
  readonly image: string;
  readonly version: string | undefined;
  readonly architecture: string;
  readonly state: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly sourceImageId: string | undefined;
  readonly run: string | undefined;
  readonly stage: string | undefined;
  /** What its last scan found, by severity. */
  readonly scan: ScanTags | undefined;
  /** ISO 8601. */
  readonly deprecatedAt: string | undefined;
  readonly isProtected: boolean;
  readonly isPublic: boolean;
  /** Accounts, organisations and units. */
  readonly sharedWith: readonly string[] | undefined;
  /** SSM parameters that name it. */
  readonly parameters: readonly string[] | undefined;
}

/** Tag with what an image is good for: `production`, or what its owner calls it. */
export const STAGE_TAG = 'buildimg:stage';

const ASKED_AT_ONCE = 4;

/** Images of one region that builds made, the newest of each first; those of the given names, or all. */
export async function listCatalogue(
  names: readonly string[],
  {
    region,
    library,
    signal,
  }: { readonly region: string; readonly library: ImageLibrary; readonly signal: AbortSignal },
): Promise<readonly CatalogueEntry[]> {
  const all = await library.listImages();
  const images = all
    .filter(({ tags }) => names.length === 0 || names.includes(tags[IMAGE_TAG] ?? ''))
    .toSorted(compareImages);
  const scope = { imageIds: images.map(({ id }) => id), parameters: listParameterNames(images) };
  const parameters: Known<readonly ImageUse[]> =
    images.length === 0 ? { value: [] } : await learn(() => library.listUses('parameter', scope));
  const sharing = await mapLimit(images, ASKED_AT_ONCE, async ({ id }) => {
    signal.throwIfAborted();
    return await learn(() => library.listGrantees(id));
  });
  signal.throwIfAborted();
  return images.map((image, index) => {
    const shared = sharing[index];
    const known = shared?.status === 'fulfilled' && 'value' in shared.value ? shared.value.value : undefined;
    return { ...describeImage(image, region), sharedWith: known, parameters: namesOf(image, parameters) };
  });
}

function describeImage(image: OwnImage, region: string): Omit<CatalogueEntry, 'sharedWith' | 'parameters'> {
  const { id, name, architecture, state, createdAt, deprecatedAt, isProtected, isPublic, tags } = image;
  return {
    region,
    id,
    name,
    image: tags[IMAGE_TAG] ?? '',
    version: tags['buildimg:version'],
    architecture,
    state,
    createdAt,
    sourceImageId: tags['buildimg:source'] ?? image.sourceImageId,
    run: tags[RUN_TAG],
    stage: tags[STAGE_TAG],
    scan: readScanTags(image),
    deprecatedAt,
    isProtected,
    isPublic,
  };
}

function namesOf({ id }: OwnImage, parameters: Known<readonly ImageUse[]>): readonly string[] | undefined {
  if ('unknown' in parameters) return undefined;
  return parameters.value.filter(({ imageId }) => imageId === id).map(({ user }) => user);
}
