// What the rest of the program asks of AWS. The adapters beside this file hold the SDK; tests hand in fakes.

import type { ImageMetadata } from '../scan/image-metadata.js';

/** A machine image as EC2 knows it now. */
export interface MachineImage {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  /** `amazon`, `aws-marketplace` … when the owner has one. */
  readonly ownerAlias?: string;
  readonly state: string;
  readonly architecture: string;
  readonly rootDeviceName: string;
  readonly creationDate: string;
  /** Empty while the image is pending. */
  readonly snapshotIds: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  /** Instance that CreateImage captured; undefined for registered or copied images. */
  readonly sourceInstanceId?: string;
  /** Why it failed. */
  readonly stateReason?: string;
  /** Whether a volume of it is. */
  readonly isEncrypted?: boolean;
  /** ISO 8601; the time may have come already. */
  readonly deprecatedAt?: string;
  /** `enabled-with-cooldown` …; undefined when EC2 says that it is disabled. */
  readonly protection?: string;
}

/** Looks images up. All answers are of one region. */
export interface ImageCatalog {
  /** An image of this account, in any state. */
  findImageByName(name: string): Promise<MachineImage | undefined>;
  /** Undefined when it does not exist or this account may not see it. */
  findImage(id: string): Promise<MachineImage | undefined>;
  /** Newest available image that matches; owners are account ids, `self` or an alias. */
  findNewestImage(query: ImageQuery): Promise<MachineImage | undefined>;
  /** Image id that an SSM parameter holds; undefined when there is no such parameter. */
  findImageParameter(parameter: string): Promise<string | undefined>;
  /** The recommended version of an Elastic Beanstalk platform branch; undefined when there is none. */
  findPlatformBase(branch: string): Promise<PlatformBase | undefined>;
}

/** The image that a version of an Elastic Beanstalk platform starts from. */
export interface PlatformBase {
  readonly arn: string;
  readonly version: string;
  /** Images of the version, one for each architecture; which is which only EC2 knows. */
  readonly imageIds: readonly string[];
}

export interface ImageQuery {
  readonly owners: readonly string[];
  /** DescribeImages filter → value; commas separate alternatives, as in Packer. */
  readonly filters: Readonly<Record<string, string>>;
}

/** Something of a run that exists in EC2. */
export interface FoundResource {
  readonly id: string;
  /** State as EC2 names it; empty for kinds that have none. */
  readonly state: string;
  readonly tags: Readonly<Record<string, string>>;
  /** ISO 8601; undefined where EC2 does not say. */
  readonly createdAt?: string;
  /** Of a security group, and of a snapshot: what it was made for. */
  readonly description?: string;
  /** Of an instance. */
  readonly keyName?: string;
  /** Of snapshots. */
  readonly isEncrypted?: boolean;
}

/** Finds and removes what builds make. Removing what is already gone succeeds. */
export interface BuildResources {
  /**
   * By run tag or by key pair: those of other owners too, as their tags say. Terminated ones as long as EC2 remembers them
   * (about an hour).
   */
  findInstances(query: InstanceQuery): Promise<readonly FoundResource[]>;
  findImages(query: OwnImageQuery): Promise<readonly MachineImage[]>;
  findSnapshots(query: SnapshotQuery): Promise<readonly FoundResource[]>;
  findVolumes(run: string): Promise<readonly FoundResource[]>;
  /** Ids are the names of the key pairs. */
  findKeyPairs(query: NamedQuery): Promise<readonly FoundResource[]>;
  findSecurityGroups(query: NamedQuery): Promise<readonly FoundResource[]>;
  /** Those of the ids, each `bucket/key`, that are there. */
  findObjects(ids: readonly string[]): Promise<readonly string[]>;

  /** From now on instances of the image answer IMDSv2 only; cannot be undone. */
  requireImdsV2(id: string): Promise<void>;
  /** Adds tags to an image or a snapshot; those of the same key are replaced. */
  tagImage(id: string, tags: Readonly<Record<string, string>>): Promise<void>;
  /** Takes the tag `key` from images and snapshots; one that they do not have is nothing. */
  untag(ids: readonly string[], key: string): Promise<void>;

  terminateInstances(ids: readonly string[]): Promise<void>;
  deregisterImage(id: string): Promise<void>;
  deleteSnapshot(id: string): Promise<void>;
  deleteVolume(id: string): Promise<void>;
  deleteKeyPair(name: string): Promise<void>;
  deleteSecurityGroup(id: string): Promise<void>;
  deleteObject(id: string): Promise<void>;
}

export interface InstanceQuery {
  readonly run: string;
  readonly keyNames: readonly string[];
}

export interface OwnImageQuery {
  readonly run: string;
  readonly names: readonly string[];
  readonly ids: readonly string[];
}

export interface SnapshotQuery {
  readonly run: string;
  readonly ids: readonly string[];
  /** Found in the description that CreateImage writes: `Created by CreateImage(i-…) for ami-…`. */
  readonly instanceIds: readonly string[];
}

export interface NamedQuery {
  readonly run: string;
  readonly names: readonly string[];
}

/** Tag that every resource of a run carries. */
export const RUN_TAG = 'buildimg:run';

/** Reads snapshots block by block (EBS direct APIs); nothing is launched. */
export interface SnapshotReader {
  /**
   * The snapshot's volume as bytes at random offsets; what was never written reads as zeros. The signal ends reads too.
   * Errors: SNAPSHOT_NOT_FOUND, SNAPSHOT_NOT_READABLE, SNAPSHOT_KEY_FORBIDDEN, and those of any AWS call.
   */
  openSnapshot(snapshotId: string, signal: AbortSignal): Promise<SnapshotDisk>;
}

/** Fits scan's BlockSource. */
export interface SnapshotDisk {
  /** Bytes of the whole volume. */
  readonly size: number;
  /**
   * Exactly `length` bytes.
   * Errors: SCAN_IMAGE_DAMAGED when they lie outside of the volume, SNAPSHOT_BLOCK_DAMAGED.
   */
  read(offset: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** Gathers what EC2 says about an AMI, for the rules that look at more than its files. Changes nothing. */
export interface ImageInspector {
  /**
   * Undefined when there is no such image in the region, or the account may not see it. What the caller may not ask for
   * is listed in `unknown`.
   */
  describeImage(imageId: string): Promise<ImageMetadata | undefined>;
}
