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
