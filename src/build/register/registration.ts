import type { FailOn, PolicyName } from '../../config/scan-names.js';

/** What `register` was asked for; plain data, so that the journal can hold it and a killed run goes on with the same. */
export interface Registration {
  /** Absolute path of a raw or qcow2 disk. */
  readonly disk: string;
  /** Bytes of the disk inside. */
  readonly diskBytes: number;
  /** Name of the image. */
  readonly name: string;
  readonly description: string;
  readonly architecture: 'x86_64' | 'arm64';
  readonly bootMode: 'legacy-bios' | 'uefi' | 'uefi-preferred';
  readonly hasTpm: boolean;
  readonly rootDeviceName: string;
  /** Snapshot to write on top of: only blocks that differ are sent. */
  readonly parent?: string;
  /** Undefined: as the account's default says, or as the parent is. */
  readonly encryption?: { readonly kmsKeyArn?: string };
  /** Of the user; the image and its snapshot get them. */
  readonly tags: Readonly<Record<string, string>>;
  /** Undefined: the disk is not looked at. */
  readonly scan?: {
    readonly policy: PolicyName;
    readonly failOn: FailOn;
    readonly allowGaps?: true;
    /** Absolute. */
    readonly waiversFile?: string;
  };
}

const GIB = 1024 ** 3;

/** Size of the volume: EBS knows whole GiB only. */
export function volumeSizeGibOf({ diskBytes }: Pick<Registration, 'diskBytes'>): number {
  return Math.ceil(diskBytes / GIB);
}
