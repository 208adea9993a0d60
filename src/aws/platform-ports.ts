// What the platform commands ask of Elastic Beanstalk, S3 and CloudWatch Logs. The adapters beside this file hold the SDK.

export interface PlatformSummary {
  readonly arn: string;
  readonly name: string;
  /** Three numbers with dots between. */
  readonly version: string;
  /** Creating, Ready, Failed, Deleting or Deleted. */
  readonly status: string;
}

export interface PlatformDetails extends PlatformSummary {
  readonly description?: string;
  readonly maintainer?: string;
  readonly framework?: NamedVersion;
  readonly operatingSystem?: NamedVersion;
  readonly programmingLanguage?: NamedVersion;
  readonly supportedTiers: readonly string[];
  readonly createdAt: Date | undefined;
  readonly updatedAt: Date | undefined;
  readonly imageIds: readonly string[];
}

export interface NamedVersion {
  readonly name: string;
  readonly version: string | undefined;
}

export interface PlatformEvent {
  readonly at: Date;
  readonly severity: string;
  readonly message: string;
}

/** What one request began, and how its events are found. */
export interface StartedOperation {
  readonly requestId: string;
}

export interface PlatformOrder {
  readonly name: string;
  readonly version: string;
  readonly bucket: string;
  readonly key: string;
  /** `namespace` → option → value, for the builder environment. */
  readonly options: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly tags: Readonly<Record<string, string>>;
}

export interface PlatformService {
  /** Versions of this account's custom platforms, of one name or all, newest first. */
  listPlatforms(name?: string): Promise<readonly PlatformSummary[]>;
  /** Undefined when there is no such platform. */
  findPlatform(arn: string): Promise<PlatformDetails | undefined>;
  createPlatform(order: PlatformOrder): Promise<StartedOperation & { readonly arn: string }>;
  /** Removes its AMI as well. */
  deletePlatform(arn: string): Promise<StartedOperation>;
  /** Oldest first; those from `since` on. */
  listEvents(query: EventQuery): Promise<readonly PlatformEvent[]>;
  /** Bucket of this account and region for bundles; made if it is missing. */
  getStorageBucket(): Promise<string>;
  /** Names of the environments that use a platform. */
  listEnvironments(platformArn: string): Promise<readonly string[]>;
}

export interface EventQuery {
  readonly requestId?: string;
  readonly platformArn?: string;
  readonly environmentName?: string;
  readonly since?: Date;
}

export interface ObjectStore {
  hasObject(bucket: string, key: string): Promise<boolean>;
  putObject(bucket: string, key: string, content: Uint8Array): Promise<void>;
  /** Succeeds for what is already gone. */
  deleteObject(bucket: string, key: string): Promise<void>;
}

export interface LogReader {
  /** Messages after `token`, oldest first; undefined while the stream does not exist. */
  readLog(stream: LogStream, token: string | undefined): Promise<LogPage | undefined>;
}

export interface LogStream {
  readonly group: string;
  readonly name: string;
}

export interface LogPage {
  readonly messages: readonly string[];
  /** Goes on where this page ended; the same as before when nothing came. */
  readonly token: string | undefined;
}

/** An environment, as a rehearsal needs it. */
export interface Environment {
  readonly id: string;
  readonly name: string;
  readonly platformArn: string;
  readonly versionLabel: string | undefined;
  /** Launching, Updating, Ready, Terminating or Terminated. */
  readonly status: string;
  readonly health: string;
  readonly url: string | undefined;
}

export interface EnvironmentChange {
  readonly application: string;
  readonly environment: string;
  readonly versionLabel?: string;
  /** Environment properties; an empty text removes one. */
  readonly properties: Readonly<Record<string, string>>;
}

export interface EnvironmentService {
  /** Undefined when there is none, or it is terminated. */
  findEnvironment(name: string): Promise<Environment | undefined>;
  createVersion(version: {
    readonly application: string;
    readonly label: string;
    readonly bucket: string;
    readonly key: string;
  }): Promise<void>;
  createEnvironment(change: EnvironmentChange & { readonly platformArn: string }): Promise<StartedOperation>;
  updateEnvironment(change: EnvironmentChange): Promise<StartedOperation>;
  terminateEnvironment(name: string): Promise<StartedOperation>;
}
