import { readFile } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import { createError } from '../../errors.js';
import type {
  AccountSettingsRecord,
  BucketRecord,
  CommandRecord,
  DeregisteredImageRecord,
  ImageRecord,
  InstanceRecord,
  KeyPairRecord,
  LaunchTemplateRecord,
  ObjectRecord,
  ParameterRecord,
  SecurityGroupRecord,
  SnapshotRecord,
  TokenRecord,
  UploadRecord,
  VolumeRecord,
} from './records.js';
import type {
  ApplicationRecord,
  ApplicationVersionRecord,
  EnvironmentRecord,
  EventRecord,
  InstanceProfileRecord,
  KmsKeyRecord,
  LogGroupRecord,
  LogStreamRecord,
  PlatformVersionRecord,
  PolicyRecord,
  RoleRecord,
} from './service-records.js';
import { createTable, type Table } from './table.js';

interface WorldData {
  readonly version: 1;
  readonly accountSettings: readonly AccountSettingsRecord[];
  readonly images: readonly ImageRecord[];
  readonly deregisteredImages: readonly DeregisteredImageRecord[];
  readonly snapshots: readonly SnapshotRecord[];
  readonly volumes: readonly VolumeRecord[];
  readonly instances: readonly InstanceRecord[];
  readonly keyPairs: readonly KeyPairRecord[];
  readonly securityGroups: readonly SecurityGroupRecord[];
  readonly launchTemplates: readonly LaunchTemplateRecord[];
  readonly parameters: readonly ParameterRecord[];
  readonly tokens: readonly TokenRecord[];
  readonly commands: readonly CommandRecord[];
  readonly buckets: readonly BucketRecord[];
  readonly objects: readonly ObjectRecord[];
  readonly uploads: readonly UploadRecord[];
  readonly environments: readonly EnvironmentRecord[];
  readonly applicationVersions: readonly ApplicationVersionRecord[];
  readonly applications: readonly ApplicationRecord[];
  readonly events: readonly EventRecord[];
  readonly platformVersions: readonly PlatformVersionRecord[];
  readonly policies: readonly PolicyRecord[];
  readonly instanceProfiles: readonly InstanceProfileRecord[];
  readonly roles: readonly RoleRecord[];
  readonly kmsKeys: readonly KmsKeyRecord[];
  readonly logStreams: readonly LogStreamRecord[];
  readonly logGroups: readonly LogGroupRecord[];
}

/** The world, or the part of it that one account sees. */
export type WorldView = Pick<World, keyof World>;

/** All that a sandbox knows, and its file. A reply to a change is sent only after `commit` has written it. */
export class World {
  readonly accountSettings: Table<AccountSettingsRecord>;
  readonly images: Table<ImageRecord>;
  readonly deregisteredImages: Table<DeregisteredImageRecord>;
  readonly snapshots: Table<SnapshotRecord>;
  readonly volumes: Table<VolumeRecord>;
  readonly instances: Table<InstanceRecord>;
  readonly keyPairs: Table<KeyPairRecord>;
  readonly securityGroups: Table<SecurityGroupRecord>;
  readonly launchTemplates: Table<LaunchTemplateRecord>;
  readonly parameters: Table<ParameterRecord>;
  readonly tokens: Table<TokenRecord>;
  readonly commands: Table<CommandRecord>;
  readonly buckets: Table<BucketRecord>;
  readonly objects: Table<ObjectRecord>;
  readonly uploads: Table<UploadRecord>;
  readonly environments: Table<EnvironmentRecord>;
  readonly applicationVersions: Table<ApplicationVersionRecord>;
  readonly applications: Table<ApplicationRecord>;
  readonly events: Table<EventRecord>;
  readonly platformVersions: Table<PlatformVersionRecord>;
  readonly policies: Table<PolicyRecord>;
  readonly instanceProfiles: Table<InstanceProfileRecord>;
  readonly roles: Table<RoleRecord>;
  readonly kmsKeys: Table<KmsKeyRecord>;
  readonly logStreams: Table<LogStreamRecord>;
  readonly logGroups: Table<LogGroupRecord>;
  /** The world itself: what an account sees of it (account-view.ts) leads back to here. */
  readonly all: WorldView = this;
  private readonly listeners = new Set<() => void>();
  private revision = 0;
  private writtenRevision = 0;
  private writing: Promise<void> | undefined;

  private constructor(
    private readonly file: string,
    data: WorldData,
  ) {
    const changed = () => this.noteChange();
    this.accountSettings = createTable(data.accountSettings, changed);
    this.images = createTable(data.images, changed);
    this.deregisteredImages = createTable(data.deregisteredImages, changed);
    this.snapshots = createTable(data.snapshots, changed);
    this.volumes = createTable(data.volumes, changed);
    this.instances = createTable(data.instances, changed);
    this.keyPairs = createTable(data.keyPairs, changed);
    this.securityGroups = createTable(data.securityGroups, changed);
    this.launchTemplates = createTable(data.launchTemplates, changed);
    this.parameters = createTable(data.parameters, changed);
    this.tokens = createTable(data.tokens, changed);
    this.commands = createTable(data.commands, changed);
    this.buckets = createTable(data.buckets, changed);
    this.objects = createTable(data.objects, changed);
    this.uploads = createTable(data.uploads, changed);
    this.environments = createTable(data.environments, changed);
    this.applicationVersions = createTable(data.applicationVersions, changed);
    this.applications = createTable(data.applications, changed);
    this.events = createTable(data.events, changed);
    this.platformVersions = createTable(data.platformVersions, changed);
    this.policies = createTable(data.policies, changed);
    this.instanceProfiles = createTable(data.instanceProfiles, changed);
    this.roles = createTable(data.roles, changed);
    this.kmsKeys = createTable(data.kmsKeys, changed);
    this.logStreams = createTable(data.logStreams, changed);
    this.logGroups = createTable(data.logGroups, changed);
  }

  /** Opens the world kept in `file`, or an empty one. */
  static async open(file: string): Promise<World> {
    return new World(file, await readWorld(file));
  }

  /** Writes every change made so far. Callers at the same time share one write. */
  async commit(): Promise<void> {
    const wanted = this.revision;
    while (this.writtenRevision < wanted) {
      this.writing ??= this.write().finally(() => {
        this.writing = undefined;
      });
      await this.writing;
    }
  }

  /** Resolves at the next change, or when the signal aborts. */
  waitForChange(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const finish = () => {
        this.listeners.delete(finish);
        signal.removeEventListener('abort', finish);
        resolve();
      };
      if (signal.aborted) return resolve();
      this.listeners.add(finish);
      signal.addEventListener('abort', finish);
    });
  }

  private noteChange(): void {
    this.revision += 1;
    for (const listener of Array.from(this.listeners)) listener();
  }

  private async write(): Promise<void> {
    const revision = this.revision;
    const data: WorldData = {
      version: 1,
      accountSettings: this.accountSettings.list(),
      images: this.images.list(),
      deregisteredImages: this.deregisteredImages.list(),
      snapshots: this.snapshots.list(),
      volumes: this.volumes.list(),
      instances: this.instances.list(),
      keyPairs: this.keyPairs.list(),
      securityGroups: this.securityGroups.list(),
      launchTemplates: this.launchTemplates.list(),
      parameters: this.parameters.list(),
      tokens: this.tokens.list(),
      commands: this.commands.list(),
      buckets: this.buckets.list(),
      objects: this.objects.list(),
      uploads: this.uploads.list(),
      environments: this.environments.list(),
      applicationVersions: this.applicationVersions.list(),
      applications: this.applications.list(),
      events: this.events.list(),
      platformVersions: this.platformVersions.list(),
      policies: this.policies.list(),
      instanceProfiles: this.instanceProfiles.list(),
      roles: this.roles.list(),
      kmsKeys: this.kmsKeys.list(),
      logStreams: this.logStreams.list(),
      logGroups: this.logGroups.list(),
    };
    // SecureString parameters and user data are in here.
    await writeFileAtomic(this.file, `${JSON.stringify(data, undefined, 1)}\n`, { mode: 0o600 });
    this.writtenRevision = revision;
  }
}

const EMPTY: WorldData = {
  version: 1,
  accountSettings: [],
  images: [],
  deregisteredImages: [],
  snapshots: [],
  volumes: [],
  instances: [],
  keyPairs: [],
  securityGroups: [],
  launchTemplates: [],
  parameters: [],
  tokens: [],
  commands: [],
  buckets: [],
  objects: [],
  uploads: [],
  environments: [],
  applicationVersions: [],
  applications: [],
  events: [],
  platformVersions: [],
  policies: [],
  instanceProfiles: [],
  roles: [],
  kmsKeys: [],
  logStreams: [],
  logGroups: [],
};

async function readWorld(file: string): Promise<WorldData> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return EMPTY;
    throw error;
  }
  try {
    const data = JSON.parse(text) as WorldData;
    if (data.version !== 1) throw new Error(`its version is ${String(data.version)}, not 1`);
    return { ...EMPTY, ...data };
  } catch (error) {
    throw createError('SANDBOX_STATE_BROKEN', [file, error instanceof Error ? error.message : String(error)], {
      cause: error,
    });
  }
}
