// What the rest of the program sees of a config: defaults filled in, variables replaced, paths absolute and inside the
// root, provisioners ending in `seal`. Everything here is plain data; nothing here knows which file it came from but
// `file` itself, for messages.

import type { PublishConfig } from './publish-config.js';
import type { FailOn, PolicyName } from './scan-names.js';
import type { SecretUse } from './secret-uses.js';

export type Architecture = 'x86_64' | 'arm64';

export type SourceSelector =
  | { readonly kind: 'os'; readonly os: string }
  | { readonly kind: 'ssm-parameter'; readonly parameter: string; readonly owners: readonly string[] }
  | {
      readonly kind: 'filter';
      readonly owners: readonly string[];
      readonly filters: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'platform-branch'; readonly branch: string }
  | { readonly kind: 'ami'; readonly id: string };

export interface RootVolume {
  readonly sizeGib?: number;
  readonly type?: 'gp2' | 'gp3' | 'io1' | 'io2' | 'standard';
  /** Root device of the source image, for sources of which it is not known. */
  readonly deviceName?: string;
}

export type BuilderType = 'packer' | 'ec2';

export type CommunicatorType = 'ssm' | 'ssh';

/** What builds the image and on what. Both builders take the same settings; a few say for which one they are. */
export interface BuilderConfig {
  readonly type: BuilderType;
  readonly instanceType: string;
  /** Packer version that templates are rendered for: decides which keys may be used. */
  readonly packerVersion: string;
  readonly sshUsername?: string;
  readonly sshPort: number;
  readonly sshTimeoutMinutes: number;
  /** CIDRs that may reach the build instance over SSH; undefined: the caller's own address, found at build time. */
  readonly sshSourceCidrs?: readonly string[];
  readonly subnetId?: string;
  readonly vpcId?: string;
  readonly securityGroupIds?: readonly string[];
  readonly iamInstanceProfile?: string;
  readonly associatePublicIpAddress?: boolean;
  readonly rootVolume?: RootVolume;
  /** `ec2`: tried in this order when EC2 has no capacity for `instanceType`. */
  readonly fallbackInstanceTypes?: readonly string[];
  /** `ec2`: tried in this order, each in its own zone; undefined: `subnetId`, or the default VPC's zones. */
  readonly subnetIds?: readonly string[];
  /** `ec2`: a spot instance first, on demand when there is none. */
  readonly spot?: boolean;
  /** `ec2`: hours after which the build instance ends itself if nobody has come back for it; undefined: 12. */
  readonly expiresAfterHours?: number;
  /** `ec2`: how it reaches the build instance; undefined: `ssm`. */
  readonly communicator?: CommunicatorType;
  /** `ec2` over `ssm`: bucket of the image's region for files that are too large for commands. */
  readonly filesBucket?: string;
}

/** One entry of `provisioners`, its options checked against the provisioner's schema, defaults filled in. */
export interface ProvisionerConfig {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface AmiConfig {
  readonly description?: string;
  readonly tags: Readonly<Record<string, string>>;
  /** True: the launch volume is encrypted, so that the AMI's snapshot is, without a second copy. */
  readonly encrypt: boolean;
  /** Customer managed key that it is encrypted with; undefined: the account's own key for EBS. */
  readonly kmsKeyId?: string;
}

/** An option that a platform defines, or a value that it sets, for the environments that run on it. */
export interface PlatformOptionDefinition {
  readonly namespace: string;
  readonly optionName: string;
  readonly default?: string;
  readonly description?: string;
}

export interface PlatformOptionSetting {
  readonly namespace: string;
  readonly optionName: string;
  readonly value: string;
}

/** How a platform runs the application: behind nginx, by systemd. */
export interface PlatformRuntime {
  readonly command: string;
  /** Option that an environment may set another command by. */
  readonly commandOption?: string;
  readonly prepare?: string;
  readonly port: number;
  readonly user: string;
  readonly healthPath: string;
  readonly startTimeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Name → glob. */
  readonly logs: Readonly<Record<string, string>>;
}

/** Elastic Beanstalk custom platform, from which the platform definition archive is rendered. */
export interface PlatformConfig {
  readonly name: string;
  readonly flavor?: 'amazon' | 'ubuntu1604' | 'rhel7' | 'rhel6';
  readonly description?: string;
  readonly maintainer?: string;
  readonly operatingSystemName: string;
  readonly operatingSystemVersion: string;
  readonly programmingLanguageName?: string;
  readonly programmingLanguageVersion?: string;
  readonly frameworkName?: string;
  readonly frameworkVersion?: string;
  readonly appServerName?: string;
  readonly appServerVersion?: string;
  readonly optionDefinitions?: readonly PlatformOptionDefinition[];
  readonly optionSettings?: readonly PlatformOptionSetting[];
  /** Of the instance on which Elastic Beanstalk runs Packer. */
  readonly builder?: { readonly instanceProfile?: string; readonly keyName?: string };
  readonly runtime?: PlatformRuntime;
  /** Absolute folder of the user's hooks. */
  readonly hooks?: string;
  /** Absolute folder that is merged into / of the image. */
  readonly files?: string;
}

export type RolloutPolicy =
  | 'all-at-once'
  | 'rolling'
  | 'rolling-with-additional-batch'
  | 'immutable'
  | 'traffic-splitting';

/** How the instances of an environment are replaced, by application versions and by images. */
export interface Rollout {
  readonly policy: RolloutPolicy;
  readonly batchPercent?: number;
  readonly newVersionPercent?: number;
  readonly evaluationMinutes?: number;
  /** `start` is a day and a time in UTC, like `Tue:09:00`. */
  readonly managedUpdates?: { readonly start: string; readonly level: 'minor' | 'patch' };
}

/** An Elastic Beanstalk environment that takes the image. */
export interface BeanstalkConfig {
  readonly environment: string;
  readonly environmentType: 'LoadBalanced' | 'SingleInstance';
  readonly loadBalancerType: 'application' | 'network' | 'classic';
  /** Absolute folder with .platform/ and .ebextensions/. */
  readonly bundle?: string;
  readonly rollout: Rollout;
  readonly optionSettings?: readonly PlatformOptionSetting[];
}

/** A finding that somebody looked at and accepts, until a day. */
export interface WaiverConfig {
  /** Id of the check, or a glob over ids: `SEC-*`. */
  readonly check: string;
  /** Glob over paths; without it the check as a whole. */
  readonly path?: string;
  readonly reason: string;
  /** Last day on which it holds: `2027-01-31`. */
  readonly expires: string;
}

/** How the build looks at what it made. Every image is scanned; without a `scan` section nothing fails by it. */
export interface ScanConfig {
  readonly policy: PolicyName;
  /** Findings of this severity or worse end the build and remove the image. */
  readonly failOn: FailOn;
  /** Whether a system folder or a volume that could not be read is accepted; default: no. */
  readonly allowGaps?: boolean;
  readonly waivers: readonly WaiverConfig[];
}

export interface ResolvedImage {
  readonly name: string;
  /** Key in the config that it was made from, where that is another than `name`: an entry with a matrix makes several. */
  readonly entry?: string;
  readonly version: string;
  readonly region: string;
  readonly architecture: Architecture;
  /** Of the AWS CLI; undefined for the caller's own credentials. */
  readonly profile?: string;
  readonly source: SourceSelector;
  readonly builder: BuilderConfig;
  readonly provisioners: readonly ProvisionerConfig[];
  readonly scan: ScanConfig;
  readonly ami: AmiConfig;
  readonly publish?: PublishConfig;
  readonly platform?: PlatformConfig;
  readonly beanstalk?: BeanstalkConfig;
  /** Secrets that its steps use: their values stand in the options above, and go into no file. */
  readonly secrets: readonly SecretUse[];
}

export interface ResolvedConfig {
  readonly version: 1;
  /** Absolute path of the file that was read. */
  readonly file: string;
  /** Absolute folder that every path of the config is relative to and may not leave: the folder of `file`. */
  readonly root: string;
  readonly images: readonly ResolvedImage[];
  /** Values of secrets: reporters mask them wherever they would be shown. */
  readonly secrets: readonly string[];
}
