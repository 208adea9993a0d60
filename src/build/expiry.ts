// How long what a build needs only for itself may live.
import type { ImagePlan } from '../plan/image-plan.js';

/** Tag of what a build launches, with the moment (ISO 8601) from which on anybody may remove it. */
export const EXPIRES_TAG = 'buildimg:expires';

const DEFAULT_EXPIRY_HOURS = 12;

/** Hours after which whoever finds something of the run may remove it. */
export function expiryHoursOf({ builder }: Pick<ImagePlan, 'builder'>): number {
  return builder.expiresAfterHours ?? DEFAULT_EXPIRY_HOURS;
}

/** The tag's value for what may live for `hours` from `sinceMs` on. */
export function formatExpiry(sinceMs: number, hours: number): string {
  return new Date(sinceMs + hours * 3_600_000).toISOString();
}
