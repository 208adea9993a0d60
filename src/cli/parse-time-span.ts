import { createError } from '../errors.js';

const UNITS_MS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };

/** Milliseconds of `12h`, `90d`, `8w`. Errors: CATALOGUE_DURATION. */
export function parseTimeSpan(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,5})([hdw])$/.exec(text) ?? [];
  const unitMs = UNITS_MS[unit];
  if (unitMs === undefined) throw createError('CATALOGUE_DURATION', [text]);
  return Number(count) * unitMs;
}
