// What the catalogue of images asks of EC2, SSM and Elastic Beanstalk, all of one region. The adapters hold the SDK.

/** An image of this account that a build made, by its tags and its name. */
export interface OwnImage {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  /** pending, available, failed, disabled, … */
  readonly state: string;
  readonly architecture: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601. */
  readonly deprecatedAt?: string;
  readonly isPublic: boolean;
  /** DeregisterImage is refused. */
  readonly isProtected: boolean;
  readonly sourceImageId?: string;
  /** Empty while it is pending. */
  readonly snapshotIds: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

/** Somebody needs an image: `i-… (stopped)`, `web version 3 (latest)`, `/acme/web`. */
export interface ImageUse {
  readonly imageId: string;
  readonly user: string;
}

/** What needs images, beside people. */
export const useKinds = ['instance', 'launch-template', 'parameter', 'environment', 'platform'] as const;
export type UseKind = (typeof useKinds)[number];

export interface OwnSnapshot {
  readonly id: string;
  /** By EC2: `Created by CreateImage(i-…) for ami-…`, `Copied for DestinationAmi ami-… from …`. */
  readonly description: string;
  readonly sizeGib: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** Looks at images and at who needs them. Changes nothing. */
export interface ImageLibrary {
  /** Everything that carries the tag `buildimg:image` and the name that its tags give; deprecated and disabled images too. */
  listImages(): Promise<readonly OwnImage[]>;
  /** Accounts, organisations and units that an image of this account is shared with; the public is not among them. */
  listGrantees(imageId: string): Promise<readonly string[]>;
  /** ISO 8601; EC2 says so up to a day late. Undefined when no instance was ever launched from it. */
  findLastLaunch(imageId: string): Promise<string | undefined>;
  /**
   * Who needs which image. Instances in any state but terminated, and of the given images only; launch templates by any
   * version; parameters of the data type aws:ec2:image and those named; environments of Elastic
   * Beanstalk by their settings; its custom platforms.
   */
  listUses(kind: UseKind, scope: UseScope): Promise<readonly ImageUse[]>;
  listSnapshots(query: OwnSnapshotQuery): Promise<readonly OwnSnapshot[]>;
  /** Everything in EC2 that carries a tag, with its value. */
  listTagged(tagKey: string): Promise<readonly { readonly id: string; readonly value: string }[]>;
  /** Ids of this account's images that are made of a snapshot. */
  listImagesOfSnapshot(snapshotId: string): Promise<readonly string[]>;
}

export interface UseScope {
  readonly imageIds: readonly string[];
  /** Names of SSM parameters that hold images under another data type. */
  readonly parameters: readonly string[];
}

/** Snapshots by id, or all that carry a tag. */
export type OwnSnapshotQuery = { readonly ids: readonly string[] } | { readonly tagKey: string };

/** Tag with the name that the config gives an image. */
export const IMAGE_TAG = 'buildimg:image';
