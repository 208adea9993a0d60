// What publishing an image asks of EC2 and SSM, in one region; the adapters beside this file hold the SDK.

import type { Grantees } from '../config/publish-config.js';

export interface CopyOrder {
  /** The same token never copies twice. At most 128 ASCII characters. */
  readonly clientToken: string;
  readonly sourceImageId: string;
  readonly sourceRegion: string;
  readonly name: string;
  readonly description: string;
  /** The copy is encrypted with it; undefined: as the source is. */
  readonly kmsKeyId?: string;
  /** Of the copy and its snapshots, from the start: EC2 copies none by itself. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Copies images into this region, and says who may use those that are in it. */
export interface ImageDistribution {
  /** Id of the copy, which is pending then. Called in the region that it goes to. */
  copyImage(order: CopyOrder): Promise<string>;
  findLaunchPermissions(imageId: string): Promise<Grantees>;
  /** Adds to who may launch the image. */
  shareImage(imageId: string, grantees: Grantees): Promise<void>;
  /** Accounts and everybody; EC2 knows no others for snapshots. */
  findVolumePermissions(snapshotId: string): Promise<Grantees>;
  shareSnapshot(snapshotId: string, grantees: Grantees): Promise<void>;
  /** `at`: ISO 8601; EC2 rounds it to the minute. */
  deprecateImage(imageId: string, at: string): Promise<void>;
  /** With a cooldown it holds for a day after it was turned off. */
  protectImage(imageId: string, options: { readonly withCooldown: boolean }): Promise<void>;
}

export interface ParameterView {
  readonly type: string;
  readonly value: string;
}

export interface ParameterOrder {
  readonly name: string;
  readonly imageId: string;
  /** Replace what is there; SSM takes tags for new parameters only. */
  readonly isReplacing: boolean;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** SSM parameters that hold image ids. */
export interface ParameterStore {
  findParameter(name: string): Promise<ParameterView | undefined>;
  /** Returning does not mean written: SSM looks afterwards whether there is such an image. Read it back. */
  putImageParameter(order: ParameterOrder): Promise<void>;
}

/** What an account lets happen in a region. A fact that the caller may not ask for is undefined. */
export interface RegionSettings {
  /** `block-new-sharing` or `unblocked`. */
  readonly imageBlockPublicAccess: string | undefined;
  readonly isEncryptedByDefault: boolean | undefined;
  /** Key that EBS encrypts with when none is named; the one that AWS made is `alias/aws/ebs`. */
  readonly defaultKmsKeyId: string | undefined;
}

export interface RegionInspector {
  findSettings(): Promise<RegionSettings>;
  /** Names of the regions that the account may use; the same from wherever it is asked. */
  listEnabledRegions(): Promise<readonly string[]>;
}
