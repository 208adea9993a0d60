import type { PublishConfig } from '../config/publish-config.js';
import type { NameValues } from '../config/publish-names.js';
import type { ProvisionStep } from '../plan/image-plan.js';
import type { PublicationStep } from '../plan/publication-plan.js';

/** Where a provisioner may stand: `last` is refused anywhere else, and added if it is missing. */
export type ProvisionerPosition = 'anywhere' | 'last';

/** A provisioner turns checked options into steps. Pure: files it needs are named, not read. */
export interface Provisioner {
  readonly name: string;
  readonly summary: string;
  readonly position: ProvisionerPosition;
  planSteps(options: Readonly<Record<string, unknown>>, context: ProvisionerContext): ProvisionerPlan;
}

export interface ProvisionerContext {
  /** Position in the image's list, from 1; gives payload paths their prefix, for example `01-shell`. */
  readonly index: number;
  /** Absolute folder of the config; option paths are already absolute and inside it. */
  readonly root: string;
  /** Absolute paths of the regular files below a folder (or the file itself), sorted; from the gathered facts. */
  listFiles(path: string): readonly string[];
}

export interface ProvisionerPlan {
  readonly steps: readonly ProvisionStep[];
  /** Payload path → absolute path of the user's file. */
  readonly files: ReadonlyMap<string, string>;
  /** Payload path → text of a script that was written out in the config itself. */
  readonly texts?: ReadonlyMap<string, string>;
  /** Payload path of the built-in script that the steps run, from getBundlePath. */
  readonly bundle?: string;
}

/** A post-processor turns what a config wishes for a finished image into steps. Pure; src/build/publish/ takes them. */
export interface PostProcessor {
  readonly name: string;
  readonly summary: string;
  /** None when the config does not ask for it. */
  planSteps(publish: PublishConfig, context: PostProcessorContext): readonly PublicationStep[];
}

export interface PostProcessorContext {
  /** What placeholders in names stand for. */
  readonly names: NameValues;
}

/** A communicator reaches the build instance: scripts as root, and files there and back. Made for one run. */
export interface Communicator {
  /**
   * Makes what the launch has to name; the run knows of each thing before it is there. A second time finds the first.
   * Refuses a payload that it could not carry.
   */
  prepareLaunch(payload?: LocalFile): Promise<LaunchAccess>;
  /** Waits until the instance answers. */
  connect(instanceId: string): Promise<InstanceShell>;
}

/** How an instance is launched so that it can be reached. */
export interface LaunchAccess {
  readonly instanceProfile?: string;
  readonly securityGroupIds?: readonly string[];
  /** Line of the login user's authorized_keys. */
  readonly authorizedKey?: string;
}

export interface InstanceShell {
  readonly instanceId: string;
  /** Runs a script as root and gives what it printed. Only for scripts that do no harm when they are run twice. */
  run(script: ShortScript): Promise<string>;
  /** Brings a file to `path`, which only root may read, and runs `afterwards` when it is whole. */
  upload(file: LocalFile, target: { readonly path: string; readonly afterwards: string }): Promise<void>;
  /** Fetches what root reads at `path` into a file of mode 0600. */
  download(path: string, localPath: string): Promise<void>;
  close(): Promise<void>;
}

export interface ShortScript {
  /** Completes "could not …". */
  readonly what: string;
  /** At most 60,000 bytes; prints at most 24,000. */
  readonly text: string;
  readonly limitSeconds: number;
}

export interface LocalFile {
  readonly path: string;
  readonly size: number;
  /** Hex SHA-256. */
  readonly digest: string;
}
