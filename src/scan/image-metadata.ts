// What EC2 says about an AMI, as plain data: the second kind of facts that a scan looks at, beside its files. Undefined
// means that it was not to be found out; `unknown` says why.

export interface ImageMetadata {
  readonly id: string;
  readonly region: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly ownerId: string;
  /** Whether the caller's account owns it. */
  readonly isOwn: boolean;
  readonly state: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601. */
  readonly deprecatedAt: string | undefined;
  /** `enabled-with-cooldown`, `enabled-without-cooldown`, `disabled` … */
  readonly deregistrationProtection: string | undefined;
  readonly architecture: string;
  readonly virtualization: string;
  readonly rootDeviceType: string;
  readonly rootDeviceName: string;
  readonly hasEna: boolean;
  /** `v2.0`: instances require IMDSv2 unless told otherwise. */
  readonly imdsSupport: string | undefined;
  readonly bootMode: string | undefined;
  readonly tpmSupport: string | undefined;
  readonly isPublic: boolean;
  /** Undefined for an image of somebody else's. */
  readonly sharedWith: readonly string[] | undefined;
  readonly productCodes: readonly string[];
  readonly devices: readonly ImageDevice[];
  readonly tags: Readonly<Record<string, string>>;
  readonly source: SourceFacts;
  readonly account: AccountSettings;
  readonly unknown: readonly UnknownFact[];
}

export interface ImageDevice {
  readonly name: string;
  /** Undefined for instance storage and for empty volumes. */
  readonly snapshotId: string | undefined;
  readonly sizeGib: number | undefined;
  readonly volumeType: string | undefined;
  readonly isEncrypted: boolean;
  readonly deleteOnTermination: boolean;
  readonly isEphemeral: boolean;
  /** Whom the snapshot is shared with (`all`: everybody); undefined when that was not to be found out. */
  readonly snapshotSharedWith: readonly string[] | undefined;
}

/** Where an image comes from, as far as that is still to be seen. */
export interface SourceFacts {
  readonly imageId: string | undefined;
  readonly ownerId: string | undefined;
  /** `amazon`, `aws-marketplace`, or `self`. */
  readonly ownerAlias: string | undefined;
  /** ISO 8601. */
  readonly deprecatedAt: string | undefined;
  readonly hasProductCodes: boolean | undefined;
  /** `required` or `optional`: how the instance that was captured let its metadata be read. */
  readonly httpTokens: string | undefined;
}

/** Settings of the caller's account in the image's region. */
export interface AccountSettings {
  /** `enabled`, `audit-mode` or `disabled`. */
  readonly allowedImages: string | undefined;
  /** `block-new-sharing` or `unblocked`. */
  readonly imageBlockPublicAccess: string | undefined;
  /** `block-all-sharing`, `block-new-sharing` or `unblocked`. */
  readonly snapshotBlockPublicAccess: string | undefined;
  readonly isEncryptedByDefault: boolean | undefined;
}

export type FactName =
  | 'launch-permissions'
  | 'snapshot-permissions'
  | 'source-image'
  | 'source-instance'
  | 'allowed-images'
  | 'image-block-public-access'
  | 'snapshot-block-public-access'
  | 'encryption-by-default';

export interface UnknownFact {
  readonly fact: FactName;
  readonly reason: string;
}
