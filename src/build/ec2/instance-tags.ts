import { RUN_TAG } from '../../aws/ports.js';
import type { ImagePlan } from '../../plan/image-plan.js';
import { EXPIRES_TAG, expiryHoursOf, formatExpiry } from '../expiry.js';
import type { Run } from '../run.js';

/** Tags of everything that a build needs only for itself. */
export function tagInstance(plan: ImagePlan, run: Run): Readonly<Record<string, string>> {
  return {
    Name: `buildimg ${plan.image}`,
    'buildimg:image': plan.image,
    [EXPIRES_TAG]: formatExpiry(run.startedAt, expiryHoursOf(plan)),
    [RUN_TAG]: run.id,
  };
}
