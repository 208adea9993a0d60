// What is done with an image when it is there: decided before anything is built, and no part of the inputs digest, since none
// of it decides what is in the image.

import type { Grantees, PublishRegion } from '../config/publish-config.js';

export type PublicationStep =
  | { readonly kind: 'boot-test'; readonly command?: string; readonly timeoutMinutes: number }
  | { readonly kind: 'copy'; readonly regions: readonly PublishRegion[] }
  | { readonly kind: 'tag'; readonly tags: Readonly<Record<string, string>> }
  | { readonly kind: 'deprecate'; readonly afterDays: number }
  | { readonly kind: 'protect'; readonly withCooldown: boolean }
  | { readonly kind: 'share'; readonly grantees: Grantees; readonly sharesSnapshots: boolean }
  /** In every region; `versioned` comes before `latest`. */
  | { readonly kind: 'ssm-parameter'; readonly role: 'versioned' | 'latest'; readonly name: string }
  /** Absolute. */
  | { readonly kind: 'manifest'; readonly file: string };

/** The one step of a kind; undefined when the config does not ask for it. */
export function findPublicationStep<K extends PublicationStep['kind']>(steps: readonly PublicationStep[], kind: K) {
  return steps.find((step): step is Extract<PublicationStep, { readonly kind: K }> => step.kind === kind);
}
