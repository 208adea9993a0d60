import type { AwsAccess } from '../aws/create-aws-access.js';
import type { ResolvedImage } from '../config/resolved-config.js';
import type { PackerBinary } from '../packer/find-packer.js';
import type { ImagePlan, PlanFacts } from '../plan/image-plan.js';
import type { TextTemplates } from '../render/text-template.js';
import type { ReportTool } from '../report/scan-report.js';
import type { BuildContext } from './context.js';
import type { Interruption } from './interruption.js';
import type { LockedPlatform } from './platform-lock.js';
import type { ImageManifest } from './publish/manifest.js';
import type { RunReport } from './read-runs.js';
import type { Run } from './run.js';
import type { ImageScan } from './scan-image.js';

export interface BuildImageRequest {
  readonly image: ResolvedImage;
  /** What is known of the config's files, and the texts to render with; both are read once for all images. */
  readonly facts: PlanFacts;
  readonly templates: TextTemplates;
  /** What buildimg.lock.json holds for the image; undefined when it starts from no platform branch, or in the sandbox. */
  readonly locked?: LockedPlatform;
  /** Undefined when no image needs it. */
  readonly packer: PackerBinary | undefined;
  /** Instance profile for images that name none, where the builder needs one; the sandbox has one. */
  readonly instanceProfile?: string;
  /** Access to the region of the image. */
  readonly aws: AwsAccess;
  /** Environment that packer gets; credentials travel in it and nowhere else. */
  readonly childEnvironment: Readonly<Record<string, string | undefined>>;
  /** Endpoint other than AWS's, for messages and the journal. */
  readonly endpoint?: string;
  /** CIDR that the build instance may be reached from; undefined: this machine's public address, asked when needed. */
  readonly sshSourceCidr?: string;
  /** Port of the build instance's sshd as this machine sees it; undefined: what the config says. */
  readonly sshPort?: number;
  /** Build although an image of the same inputs exists. */
  readonly force: boolean;
  /** Keep an image whatever the scan finds, with a warning. */
  readonly allowFindings: boolean;
  /** What reports and SBOMs name as their maker. */
  readonly tool: ReportTool;
  /** Go on with this run instead of beginning one. */
  readonly resume?: RunReport;
  /** Account that `aws` works in, and the config, both for the journal. */
  readonly account?: string;
  /** Absolute. */
  readonly configFile?: string;
  readonly interruption: Interruption;
  /** Values to keep out of logs and events. */
  readonly secrets: readonly string[];
  /** Folder for packer's log; undefined: the folder of the run. */
  readonly logFolder?: string;
}

/** What a build came to. */
export interface BuildOutcome {
  readonly image: string;
  readonly outcome: 'built' | 'unchanged';
  readonly amiId: string;
  readonly amiName: string;
  readonly snapshotIds: readonly string[];
  readonly region: string;
  /** Run that this was; an unchanged image keeps the run that made it in its tag `buildimg:run`. */
  readonly run: string;
  readonly elapsedMs: number;
  /** What publishing it changed, in words. */
  readonly changes: readonly string[];
  /** What the image is and where it is, with its copies. */
  readonly manifest: ImageManifest;
  /** Undefined when the image was not looked at: its tags prove that it passes, or it could not be read. */
  readonly scan?: ImageScan;
  /** Undefined when nothing was run. */
  readonly logFile?: string;
}

/** What a builder gets. */
export interface ImageBuild {
  readonly plan: ImagePlan;
  readonly run: Run;
  readonly request: BuildImageRequest;
  readonly context: BuildContext;
}
