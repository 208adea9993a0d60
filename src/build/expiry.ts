// How long what a build needs only for itself may live.
import type { ImagePlan } from '../plan/image-plan.js';
import type { Run } from './run.js';

/** Tag of what a build launches, with the moment (ISO 8601) from which on anybody may remove it. */
export const EXPIRES_TAG = 'buildimg:expires';

const DEFAULT_EXPIRY_HOURS = 12;

/** Hours after which whoever finds something of the run may remove it. */
export function expiryHoursOf({ builder }: Pick<ImagePlan, 'builder'>): number {
  return builder.expiresAfterHours ?? DEFAULT_EXPIRY_HOURS;
}

/** The moment of a run, as its tag says it. */
export function findExpiry(plan: Pick<ImagePlan, 'builder'>, { startedAt }: Pick<Run, 'startedAt'>): string {
  return new Date(startedAt + expiryHoursOf(plan) * 3_600_000).toISOString();
}
