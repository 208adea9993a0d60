import type { ImageCatalog, MachineImage } from '../aws/ports.js';
import type { ResolvedImage } from '../config/resolved-config.js';
import { createError } from '../errors.js';
import type { ImagePlan, PlanFacts } from '../plan/image-plan.js';
import { planImage, withNameSuffix } from '../plan/plan-image.js';
import type { BuildContext } from './context.js';
import { findSourceImage } from './find-source-image.js';
import type { LockedPlatform } from './platform-lock.js';
import type { RunReport } from './read-runs.js';
import { runStep } from './steps.js';

/** What a build would do: make the image, or nothing, because the same inputs have made it before. */
export interface PlannedBuild {
  readonly plan: ImagePlan;
  /** The image that these inputs have made before; undefined when there is none or a new one was forced. */
  readonly existing?: MachineImage;
}

export interface PlanBuildOptions {
  /** About the files of the config; the source image is looked up here. */
  readonly facts: PlanFacts;
  readonly catalog: ImageCatalog;
  readonly force: boolean;
  /** What buildimg.lock.json holds for the image. */
  readonly locked?: LockedPlatform;
  /** Go on with this run: its image, in whatever state, is not another's. */
  readonly resume?: RunReport;
  readonly context: BuildContext;
}

/** How many images of the same inputs may stand side by side. */
const MAX_SUFFIX = 99;

/** Looks up what planning needs, plans, and looks whether the image is there already. Changes nothing. */
export async function planBuild(
  image: ResolvedImage,
  { facts, catalog, force, locked, resume, context }: PlanBuildOptions,
): Promise<PlannedBuild> {
  const sourceImage = await runStep(context, 'find source image', () => findSourceImage(image, catalog, locked));
  const plan = planImage(image, { ...facts, sourceImage });
  if (resume !== undefined) return { plan: renameAsBefore(plan, resume) };
  const existing = await catalog.findImageByName(plan.amiName);
  if (existing === undefined) {
    return { plan };
  }
  if (force) {
    return { plan: await renameToFree(plan, catalog) };
  }
  if (existing.state !== 'available') {
    throw createError('IMAGE_NAME_TAKEN', [plan.amiName, existing.id, existing.state]);
  }
  return { plan, existing };
}

/** A forced build had a suffix. Errors: RUN_CHANGED when the inputs would make another image now. */
function renameAsBefore(plan: ImagePlan, { run, traces }: RunReport): ImagePlan {
  const before = traces?.amiName ?? plan.amiName;
  const suffix = before.slice(plan.amiName.length);
  if (!before.startsWith(plan.amiName) || !/^(?:-r\d+)?$/.test(suffix)) {
    throw createError('RUN_CHANGED', [run, before, plan.amiName]);
  }
  return suffix === '' ? plan : withNameSuffix(plan, suffix);
}

async function renameToFree(plan: ImagePlan, catalog: ImageCatalog): Promise<ImagePlan> {
  for (let number = 2; number <= MAX_SUFFIX; number += 1) {
    const renamed = withNameSuffix(plan, `-r${number}`);
    if ((await catalog.findImageByName(renamed.amiName)) === undefined) {
      return renamed;
    }
  }
  throw createError('IMAGE_NAME_TAKEN', [`${plan.amiName}-r${MAX_SUFFIX}`, 'and all before it', 'available']);
}
