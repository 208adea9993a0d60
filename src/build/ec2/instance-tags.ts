import { RUN_TAG } from '../../aws/ports.js';
import type { ImagePlan } from '../../plan/image-plan.js';
import { EXPIRES_TAG } from '../expires-tag.js';
import type { Run } from '../run.js';

const DEFAULT_EXPIRY_HOURS = 12;

/** Hours after which whoever finds something of the run may remove it. */
export function expiryHoursOf({ builder }: Pick<ImagePlan, 'builder'>): number {
  return builder.expiresAfterHours ?? DEFAULT_EXPIRY_HOURS;
}

/** Tags of everything that a build needs only for itself. */
export function tagInstance(plan: ImagePlan, run: Run): Readonly<Record<string, string>> {
  return {
    Name: `buildimg ${plan.image}`,
    'buildimg:image': plan.image,
    [EXPIRES_TAG]: new Date(run.startedAt + expiryHoursOf(plan) * 3_600_000).toISOString(),
    [RUN_TAG]: run.id,
  };
}
