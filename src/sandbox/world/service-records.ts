// Records of the services around EC2: CloudWatch Logs, IAM, Elastic Beanstalk. As in records.ts, plain data; times are ISO 8601.

import type { ProcessIdentity } from '../../process-identity.js';
import type { Tags } from './records.js';

/** A key that an account made; its content is nowhere, because nothing is encrypted with it. */
export interface KmsKeyRecord {
  /** Its ARN. */
  readonly id: string;
  readonly region: string;
  readonly ownerId: string;
  readonly keyId: string;
  readonly description: string;
  readonly createdAt: string;
  /** `alias/NAME` */
  readonly aliases: readonly string[];
}

export interface LogGroupRecord {
  /** `<region>:<name>` */
  readonly id: string;
  readonly region: string;
  readonly name: string;
  readonly createdAt: string;
}

export interface LogStreamRecord {
  /** `<region>:<group>:<name>` */
  readonly id: string;
  readonly region: string;
  readonly group: string;
  readonly name: string;
  readonly createdAt: string;
  /** Milliseconds since 1970, as the events themselves. */
  readonly firstEventMs: number | undefined;
  readonly lastEventMs: number | undefined;
}

export interface RoleRecord {
  /** Its name; IAM has no regions. */
  readonly id: string;
  readonly roleId: string;
  readonly path: string;
  readonly description: string | undefined;
  readonly trustPolicy: string;
  readonly createdAt: string;
  readonly attachedPolicyArns: readonly string[];
  /** Name → document. */
  readonly inlinePolicies: Readonly<Record<string, string>>;
  readonly tags: Tags;
}

export interface InstanceProfileRecord {
  /** Its name. */
  readonly id: string;
  readonly profileId: string;
  readonly path: string;
  readonly createdAt: string;
  readonly roleName: string | undefined;
  /** Absent in records of earlier versions. */
  readonly tags?: Tags;
}

export interface PolicyRecord {
  /** Its ARN. */
  readonly id: string;
  readonly policyId: string;
  readonly name: string;
  readonly path: string;
  readonly document: string;
  readonly createdAt: string;
  readonly description?: string | undefined;
  /** Absent in records of earlier versions. */
  readonly tags?: Tags;
}

export interface OptionSetting {
  readonly namespace: string;
  readonly name: string;
  readonly value: string;
}

export interface PlatformVersionRecord {
  /** Its ARN. */
  readonly id: string;
  readonly region: string;
  readonly name: string;
  readonly version: string;
  readonly status: 'Creating' | 'Ready' | 'Failed' | 'Deleting';
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly bundle: { readonly bucket: string; readonly key: string };
  /** Whether its template may run commands on this machine; by default it may not. */
  readonly allowsLocalCommands?: boolean;
  readonly tags: Tags;
  /** What platform.yaml says of it; undefined until that was read. */
  readonly definition: PlatformFacts | undefined;
  readonly imageId: string | undefined;
  /** Who its hooks are run as by way of sudo: the user that Packer logged in as. */
  readonly loginUser: string | undefined;
  /** The packer that builds it, as long as it does. */
  readonly packer?: ProcessIdentity | undefined;
  /** Why it is Failed. */
  readonly failure: string | undefined;
}

export interface PlatformFacts {
  readonly metadata: Readonly<Record<string, string>>;
  readonly optionDefinitions: readonly (OptionSetting & { readonly description: string })[];
  readonly optionSettings: readonly OptionSetting[];
}

export interface EventRecord {
  readonly id: string;
  readonly region: string;
  readonly at: string;
  readonly severity: 'INFO' | 'WARN' | 'ERROR';
  readonly message: string;
  readonly requestId: string;
  readonly platformArn: string | undefined;
  readonly applicationName: string | undefined;
  readonly environmentName: string | undefined;
}

export interface ApplicationRecord {
  /** `<region>:<name>` */
  readonly id: string;
  readonly region: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly createdAt: string;
}

export interface ApplicationVersionRecord {
  /** `<region>:<application>:<label>` */
  readonly id: string;
  readonly region: string;
  readonly application: string;
  readonly label: string;
  readonly description?: string | undefined;
  readonly bucket: string;
  readonly key: string;
  readonly createdAt: string;
}

export interface EnvironmentRecord {
  /** `e-` and ten letters or digits. */
  readonly id: string;
  readonly region: string;
  readonly name: string;
  readonly application: string;
  readonly description?: string | undefined;
  /** Of the environment and its instance. */
  readonly tags?: Tags;
  readonly platformArn: string;
  readonly versionLabel: string | undefined;
  readonly optionSettings: readonly OptionSetting[];
  readonly status: 'Launching' | 'Updating' | 'Ready' | 'Terminating' | 'Terminated';
  readonly health: 'Green' | 'Yellow' | 'Red' | 'Grey';
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly instanceId: string | undefined;
  /** Where the instance answers over HTTP, from this machine. */
  readonly url: string | undefined;
}
