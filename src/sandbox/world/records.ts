// The sandbox's state as plain data. Every id is unique across regions, so each kind is one table and the region a
// member. Times are ISO 8601.

import type { AccountSettingValues } from './account-settings.js';

export type Tags = Readonly<Record<string, string>>;

interface Owned {
  readonly id: string;
  readonly region: string;
  readonly tags: Tags;
}

export interface StateReason {
  readonly code: string;
  readonly message: string;
}

export interface ImageRecord extends Owned {
  readonly name: string;
  readonly description: string | undefined;
  readonly ownerId: string;
  readonly isPublic: boolean;
  readonly sharedAccounts: readonly string[];
  /** Organisations and organisational units that may launch it. */
  readonly sharedArns?: readonly string[];
  readonly architecture: 'x86_64' | 'arm64';
  readonly rootDeviceName: string;
  readonly snapshotId: string;
  readonly volumeSizeGib: number;
  readonly volumeType: string;
  readonly deleteOnTermination: boolean;
  readonly state: 'pending' | 'available' | 'failed' | 'disabled';
  readonly stateReason: StateReason | undefined;
  readonly createdAt: string;
  readonly deprecatedAt: string | undefined;
  readonly imdsSupport: string | undefined;
  readonly bootMode: string | undefined;
  /** `v2.0` */
  readonly tpmSupport?: string | undefined;
  /** Undefined: it has, as every image that is captured here. */
  readonly hasEna?: boolean | undefined;
  /** `enabled-with-cooldown`, `enabled-without-cooldown`; undefined: disabled. */
  readonly deregistrationProtection?: string | undefined;
  /** When the cooldown of a protection that was turned off ends. */
  readonly protectedUntil?: string | undefined;
  /** When an instance was last launched from it, by any account. */
  readonly lastLaunchedAt?: string | undefined;
  /** What it was captured or copied from; a capture that a restart cut short begins again from here. */
  readonly sourceInstanceId: string | undefined;
  readonly sourceImage: { readonly id: string; readonly region: string } | undefined;
}

/** What is remembered of an image that is gone. */
export interface DeregisteredImageRecord
  extends Pick<ImageRecord, 'id' | 'region' | 'ownerId' | 'isPublic' | 'sharedAccounts' | 'sharedArns' | 'createdAt'> {
  readonly deregisteredAt: string;
}

/** Settings of the account by region. */
export interface AccountSettingsRecord {
  /** The region. */
  readonly id: string;
  readonly values: AccountSettingValues;
}

export interface SnapshotRecord extends Owned {
  readonly ownerId: string;
  readonly description: string;
  readonly state: 'pending' | 'completed' | 'error';
  /** Why it is `error`. */
  readonly stateMessage?: string | undefined;
  readonly volumeId: string;
  readonly volumeSizeGib: number;
  readonly startedAt: string;
  readonly isEncrypted: boolean;
  readonly isPublic: boolean;
  readonly sharedAccounts: readonly string[];
  /** The qcow2 with its content. Copies share a file; world/disk-files.ts counts who needs it. */
  readonly file: string;
  /** How it came to be by the EBS direct APIs; undefined for snapshots of volumes. */
  readonly upload?: SnapshotUpload | undefined;
  /** ARN of its key; what the caller wrote when there is no such key, for example in a copy that is about to fail. */
  readonly kmsKeyId?: string | undefined;
}

export interface SnapshotUpload {
  readonly parentSnapshotId: string | undefined;
  /** The upload is cancelled when no block was written for so long. */
  readonly timeoutMinutes: number;
  /** CompleteSnapshot was accepted: the file is being made, or is there. */
  readonly isComplete: boolean;
}

export interface VolumeRecord extends Owned {
  readonly sizeGib: number;
  readonly type: string;
  readonly availabilityZone: string;
  readonly snapshotId: string;
  readonly createdAt: string;
  readonly isEncrypted: boolean;
  /** As a snapshot's. */
  readonly kmsKeyId?: string | undefined;
  readonly instanceId: string;
  readonly deviceName: string;
  readonly deleteOnTermination: boolean;
}

export type InstanceState = 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated';

export interface InstanceRecord extends Owned {
  readonly reservationId: string;
  readonly clientToken: string | undefined;
  /** Of a spot instance. */
  readonly spotRequestId?: string | undefined;
  readonly imageId: string;
  readonly instanceType: string;
  readonly architecture: 'x86_64' | 'arm64';
  readonly state: InstanceState;
  readonly stateReason: StateReason | undefined;
  /** EC2's `reason`: what brought the last change about. */
  readonly transitionReason: string;
  /** What happened to its machine that its owner should know of, such as a second start without KVM. */
  readonly notice?: string | undefined;
  readonly launchedAt: string;
  /** When it began to be `stopping`; only until it is stopped. */
  readonly stoppingSince?: string | undefined;
  readonly terminatedAt: string | undefined;
  readonly keyName: string | undefined;
  readonly securityGroupIds: readonly string[];
  readonly subnetId: string;
  readonly availabilityZone: string;
  readonly privateIp: string;
  readonly publicIp: string;
  readonly macAddress: string;
  readonly networkInterfaceId: string;
  readonly rootDeviceName: string;
  readonly volumeId: string;
  /** The file under the instance's copy-on-write disk. */
  readonly baseImage: string;
  readonly userData: string | undefined;
  readonly iamInstanceProfile: string | undefined;
  readonly shutdownBehavior: 'stop' | 'terminate';
  readonly isTerminationProtected: boolean;
  readonly metadataOptions: {
    readonly httpEndpoint: 'enabled' | 'disabled';
    readonly httpTokens: 'optional' | 'required';
    readonly hopLimit: number;
  };
}

export interface KeyPairRecord extends Owned {
  readonly name: string;
  readonly type: 'rsa' | 'ed25519';
  readonly fingerprint: string;
  readonly publicKey: string;
  readonly createdAt: string;
}

export interface IngressRule {
  readonly id: string;
  readonly isEgress: boolean;
  readonly protocol: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly cidr: string;
  readonly description: string | undefined;
}

export interface SecurityGroupRecord extends Owned {
  readonly name: string;
  readonly description: string;
  readonly rules: readonly IngressRule[];
}

export interface LaunchTemplateRecord extends Owned {
  readonly name: string;
  readonly createdAt: string;
  readonly defaultVersion: number;
  /** Oldest first; a number is never given twice. */
  readonly versions: readonly LaunchTemplateVersionRecord[];
}

export interface LaunchTemplateVersionRecord {
  readonly number: number;
  readonly description: string | undefined;
  readonly createdAt: string;
  /** LaunchTemplateData as it was given. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** A parameter as one PutParameter left it. */
export interface ParameterVersion {
  readonly value: string;
  readonly type: 'String' | 'StringList' | 'SecureString';
  readonly dataType: string;
  readonly version: number;
  readonly modifiedAt: string;
  readonly description?: string | undefined;
  readonly allowedPattern?: string | undefined;
  readonly tier?: 'Standard' | 'Advanced' | undefined;
  readonly labels?: readonly string[];
}

/** A parameter and its newest version. */
export interface ParameterRecord extends ParameterVersion {
  /** `<region>:<name>` */
  readonly id: string;
  readonly region: string;
  readonly name: string;
  readonly tags?: Tags;
  /** Earlier versions, oldest first. */
  readonly history?: readonly ParameterVersion[];
}

/** What a request with a client token made, so that the same request again makes nothing. */
export interface TokenRecord {
  /** `<region>:<action>:<token>` */
  readonly id: string;
  readonly digest: string;
  readonly resourceIds: readonly string[];
  readonly createdAt: string;
}

/** One command on one instance, as SSM Run Command keeps it for 30 days. */
export interface CommandRecord {
  /** `<command id>:<instance id>` */
  readonly id: string;
  readonly commandId: string;
  readonly region: string;
  readonly instanceId: string;
  readonly documentName: string;
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly comment: string;
  readonly status: 'Pending' | 'InProgress' | 'Success' | 'Failed' | 'TimedOut' | 'Cancelled';
  readonly statusDetails: string;
  /** -1 until the script has ended. */
  readonly exitCode: number;
  /** Cut as SSM cuts them; empty until the script has ended. */
  readonly stdout: string;
  readonly stderr: string;
  readonly requestedAt: string;
  readonly startedAt: string | undefined;
  readonly endedAt: string | undefined;
  /** Seconds that delivery may take. */
  readonly deliveryTimeout: number;
}

export interface BucketRecord {
  /** Its name, which is unique across accounts and regions. */
  readonly id: string;
  /** Undefined: the sandbox's own account. */
  readonly ownerId?: string;
  readonly region: string;
  readonly createdAt: string;
}

/** Content that was received, in a file below objectsDir. */
export interface StoredContent {
  /** Name of the file. */
  readonly file: string;
  readonly size: number;
  readonly md5: string;
  readonly sha256: string;
}

export interface ObjectRecord extends StoredContent {
  /** `<bucket>/<key>` */
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly etag: string;
  readonly modifiedAt: string;
  /** Headers that a GET repeats: content-type, x-amz-meta-… */
  readonly headers: Readonly<Record<string, string>>;
}

/** A multipart upload that is not complete. */
export interface UploadRecord {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiatedAt: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: readonly (StoredContent & { readonly number: number; readonly modifiedAt: string })[];
}
