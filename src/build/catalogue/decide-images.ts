// Which images may go. Pure: from facts to decisions with their reasons.
import { IMAGE_TAG, type OwnImage } from '../../aws/catalogue-ports.js';
import type { AccountFacts, ImageFacts, KeepRules } from './image-facts.js';
import { describeEnd, findDetailedReasons, findReasons, type Reason } from './keep-reasons.js';

export interface Decision {
  readonly image: OwnImage;
  readonly verdict: 'keep' | 'remove';
  /** Why it stays, every reason that was found; or why it goes. */
  readonly reasons: readonly Reason[];
}

/** One decision for each image that is asked about, the newest first within image and architecture. */
export function decideImages(facts: ImageFacts, rules: KeepRules): readonly Decision[] {
  const ranks = rankImages(facts.images);
  const scope = { facts, rules };
  return selectImages(facts, rules).map((image): Decision => {
    const reasons = findReasons(image, ranks.get(image.id), scope);
    if (reasons.length > 0) return { image, verdict: 'keep', reasons };
    const details = facts.details.get(image.id);
    const detailed = findDetailedReasons(image, details, scope);
    if (detailed.length > 0) return { image, verdict: 'keep', reasons: detailed };
    return { image, verdict: 'remove', reasons: [{ rule: 'expendable', text: describeEnd(image, details, scope) }] };
  });
}

/** Images that only their details can keep, so that these are worth asking for. */
export function findCandidates(facts: AccountFacts, rules: KeepRules): readonly OwnImage[] {
  const ranks = rankImages(facts.images);
  return selectImages(facts, rules).filter(
    (image) => findReasons(image, ranks.get(image.id), { facts, rules }).length === 0,
  );
}

/** By image and architecture, the newest first. */
export function compareImages(one: OwnImage, other: OwnImage): number {
  return groupOf(one).localeCompare(groupOf(other)) || other.createdAt.localeCompare(one.createdAt);
}

function selectImages({ images }: AccountFacts, { only }: KeepRules): readonly OwnImage[] {
  return images.filter(({ tags }) => only.length === 0 || only.includes(tags[IMAGE_TAG] ?? '')).toSorted(compareImages);
}

function groupOf({ tags, architecture }: OwnImage): string {
  return `${tags[IMAGE_TAG]} ${architecture}`;
}

/** From 1, the newest; an image that cannot be launched must not push out one that can. */
function rankImages(images: readonly OwnImage[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const ranks = new Map<string, number>();
  for (const image of images.toSorted(compareImages)) {
    if (image.state !== 'available') continue;
    const rank = (counts.get(groupOf(image)) ?? 0) + 1;
    counts.set(groupOf(image), rank);
    ranks.set(image.id, rank);
  }
  return ranks;
}
