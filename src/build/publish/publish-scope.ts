import type { AwsAccess } from '../../aws/create-aws-access.js';
import type { MachineImage } from '../../aws/ports.js';
import type { ImagePlan } from '../../plan/image-plan.js';
import type { BuildImageRequest } from '../build-request.js';
import type { BuildContext } from '../context.js';
import type { PublishIntention } from '../journal.js';
import type { LateRun } from '../late-run.js';
import type { Run } from '../run.js';
import type { ImageScan } from '../scan-image.js';

/** What the steps of a publication work with. */
export interface PublishScope {
  readonly plan: ImagePlan;
  readonly request: BuildImageRequest;
  readonly context: BuildContext;
  readonly signal: AbortSignal;
  /** Opened by the first step that changes something. */
  readonly late: LateRun;
  readonly ledger: Ledger;
  /** What the scan of this run came to, for the manifest. */
  readonly scan: ImageScan | undefined;
}

/** The image in one region. */
export interface RegionImage {
  readonly region: string;
  readonly image: MachineImage;
}

export interface WrittenParameter {
  readonly region: string;
  readonly name: string;
  readonly imageId: string;
}

/** What a publication has come to so far; its steps add to it. */
export interface Ledger {
  /** The one that was built comes first. */
  readonly images: RegionImage[];
  readonly parameters: WrittenParameter[];
  /** What was changed, in words; empty when everything was there already. */
  readonly changes: string[];
}

export function createLedger(region: string, image: MachineImage): Ledger {
  return { images: [{ region, image }], parameters: [], changes: [] };
}

/** The image that was built; the others are its copies. */
export function homeOf({ images }: Ledger): RegionImage {
  const [home] = images;
  if (home === undefined) throw new Error('A publication begins with an image');
  return home;
}

export function openRegion({ request }: PublishScope, region: string): AwsAccess {
  return request.aws.inRegion(region);
}

/** Writes down what is about to be changed, which `change` says in words. The run is opened by it, if it is not yet. */
export async function intend(scope: PublishScope, intention: PublishIntention, change: string): Promise<Run> {
  const run = await scope.late.open();
  run.intend({ amiName: scope.plan.amiName, ...intention });
  scope.ledger.changes.push(change);
  return run;
}

/** As `intend`, for what lets others use the image or keeps it from being removed: from here on it stays. */
export async function intendPublicly(scope: PublishScope, intention: PublishIntention, change: string): Promise<Run> {
  const run = await scope.late.open();
  run.publish(homeOf(scope.ledger).image);
  return await intend(scope, intention, change);
}
