// What registering a disk image asks of AWS; the adapters beside this file hold the SDK, tests hand in fakes.

/** Bytes of a block of the EBS direct APIs. */
export const BLOCK_BYTES = 512 * 1024;

export interface SnapshotOrder {
  /** The same token never starts twice, as long as the order is the same too. At most 255 characters. */
  readonly clientToken: string;
  readonly volumeSizeGib: number;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  /** EBS cancels the snapshot when no block came for so long: 10 to 4320. */
  readonly timeoutMinutes: number;
  /** The snapshot begins with its content, and has its encryption. */
  readonly parentSnapshotId?: string;
  /** Undefined: as the account's default says. Without a key, the account's default one. */
  readonly encryption?: { readonly kmsKeyArn?: string };
}

export interface SnapshotBlock {
  readonly index: number;
  /** `BLOCK_BYTES` long. */
  readonly bytes: Buffer;
  /** SHA-256 of them. */
  readonly digest: Buffer;
}

/** Of the blocks that were sent, not of the volume. */
export interface SentBlocks {
  readonly blockCount: number;
  /** SHA-256 over the blocks' digests in the order of their indexes, which AWS calls LINEAR. */
  readonly digest: Buffer;
}

export interface StartedSnapshot {
  readonly id: string;
  /** Because it was asked for, because its parent is, or because the account encrypts by default. */
  readonly isEncrypted: boolean;
}

/** Writes snapshots block by block (EBS direct APIs). Retries by itself what may be retried. */
export interface SnapshotWriter {
  /**
   * Begins a snapshot, or finds the one that the same token has begun.
   * Errors: SNAPSHOT_ORDER_CONFLICT; SNAPSHOT_NOT_FOUND of the parent; those of any AWS call.
   */
  start(order: SnapshotOrder, signal: AbortSignal): Promise<StartedSnapshot>;
  /** Resolves when the block is acknowledged. Sending a block again overwrites it. */
  putBlock(snapshotId: string, block: SnapshotBlock, signal: AbortSignal): Promise<void>;
  /** Whether EBS took it; false: nobody may write to it any more, so an earlier request may have been heard. */
  complete(snapshotId: string, sent: SentBlocks, signal: AbortSignal): Promise<boolean>;
}

/** The blocks of a snapshot that another is written on top of. */
export interface ParentBlocks {
  /** Bytes of the volume. */
  readonly size: number;
  /** Blocks that were ever written; all others are zeros. */
  has(index: number): boolean;
  fetch(index: number): Promise<Buffer>;
}

export interface ImageRegistration {
  readonly name: string;
  readonly description: string;
  readonly architecture: string;
  readonly bootMode: string;
  readonly hasTpm: boolean;
  readonly rootDeviceName: string;
  readonly snapshotId: string;
  readonly volumeSizeGib: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** What registering needs besides AwsAccess; opened by that command only. */
export interface RegistrationAccess {
  readonly snapshots: SnapshotWriter;
  /** Errors: SNAPSHOT_NOT_FOUND, SNAPSHOT_NOT_READABLE, SNAPSHOT_KEY_FORBIDDEN, and those of any AWS call. */
  openParent(snapshotId: string, signal: AbortSignal): Promise<ParentBlocks>;
  /** Registers an hvm image with ENA that demands IMDSv2. There is no token: look the name up first. */
  registerImage(registration: ImageRegistration): Promise<string>;
  close(): void;
}
