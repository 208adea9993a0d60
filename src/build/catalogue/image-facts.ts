// What deciding about images needs to know, and what it is asked to keep.
import type { ImageUse, OwnImage, UseKind } from '../../aws/catalogue-ports.js';

/** A fact, or why it is not known. */
export type Known<T> = { readonly value: T } | { readonly unknown: string };

/** What can be asked once for a whole region. */
export interface AccountFacts {
  /** Everything of ours in one region. */
  readonly images: readonly OwnImage[];
  readonly uses: Readonly<Record<UseKind, Known<readonly ImageUse[]>>>;
  /** Runs whose process is alive on this machine, and all that this machine has heard of. */
  readonly runs: { readonly alive: ReadonlySet<string>; readonly known: ReadonlySet<string> };
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface ImageFacts extends AccountFacts {
  /** By image id; asked for one by one, and so only for images that nothing else keeps. */
  readonly details: ReadonlyMap<string, ImageDetails>;
}

export interface ImageDetails {
  readonly sharedWith: Known<readonly string[]>;
  /** ISO 8601; undefined: never. */
  readonly lastLaunch: Known<string | undefined>;
}

export interface KeepRules {
  /** The newest so many of each image and architecture stay. */
  readonly keep: number;
  /** Younger ones stay. */
  readonly olderThanMs: number;
  /** Those launched within this time stay. */
  readonly unusedForMs: number;
  /** Images that are shared may go too. */
  readonly takesShared: boolean;
  /** Whether an SSM parameter of this name is no use: a list of every version that there was would keep them all. */
  readonly isIgnored: (parameter: string) => boolean;
  /** Names of the config; the others are not decided about. Empty: all. */
  readonly only: readonly string[];
}
