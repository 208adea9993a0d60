import type { OwnImage } from '../../src/aws/catalogue-ports.js';
import type { ImageDetails, ImageFacts, KeepRules } from '../../src/build/catalogue/image-facts.js';

export const NOW = Date.parse('2026-11-22T12:00:00.000Z');

export function daysAgo(days: number): string {
  return new Date(NOW - days * 86_400_000).toISOString();
}

export function anOwnImage(id: string, changes: Partial<OwnImage> = {}): OwnImage {
  return {
    id,
    name: `web-${id}`,
    ownerId: '100000000000',
    state: 'available',
    architecture: 'x86_64',
    createdAt: daysAgo(200),
    isPublic: false,
    isProtected: false,
    snapshotIds: [`snap-${id}`],
    ...changes,
    tags: { 'buildimg:image': 'web', 'buildimg:version': '1.0.0', ...changes.tags },
  };
}

interface FactChanges extends Omit<Partial<ImageFacts>, 'uses'> {
  readonly uses?: Partial<ImageFacts['uses']>;
}

/** Facts in which nothing keeps any image. */
export function imageFacts(images: readonly OwnImage[], changes: FactChanges = {}): ImageFacts {
  return {
    runs: { alive: new Set(), known: new Set() },
    now: NOW,
    ...changes,
    images,
    uses: {
      instance: { value: [] },
      'launch-template': { value: [] },
      parameter: { value: [] },
      environment: { value: [] },
      platform: { value: [] },
      ...changes.uses,
    },
    details: new Map([
      ...images.map(({ id }) => [id, unused()] as const),
      ...(changes.details ?? new Map<string, ImageDetails>()),
    ]),
  };
}

export function unused(changes: Partial<ImageDetails> = {}): ImageDetails {
  return { sharedWith: { value: [] }, lastLaunch: { value: undefined }, ...changes };
}

export function keepRules(changes: Partial<KeepRules> = {}): KeepRules {
  return {
    keep: 0,
    olderThanMs: 90 * 86_400_000,
    unusedForMs: 30 * 86_400_000,
    takesShared: false,
    isIgnored: () => false,

    only: [],
    ...changes,
  };
}
