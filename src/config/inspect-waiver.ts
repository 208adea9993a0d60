// What makes a waiver one that works, beyond its shape; for those of a config and those of a file alike.
import { findGlobProblem, PATH_GLOB } from '../lib/globs/compile-glob.js';
import { checkIds } from './generated/check-ids.js';
import { findNearest } from './nearest.js';
import type { WaiverConfig } from './resolved-config.js';

export type WaiverFault =
  | { readonly key: 'check'; readonly kind: 'unknown'; readonly near?: string }
  | { readonly key: 'check' | 'path'; readonly kind: 'no-pattern'; readonly problem: string }
  | { readonly key: 'expires'; readonly kind: 'not-a-day' };

/**
 * What is wrong with a waiver that has the right shape; fields that are missing are not judged. A waiver that has expired
 * is none: the scan reports it, and it waives nothing.
 */
export function inspectWaiver({ check, path, expires }: Partial<WaiverConfig>): readonly WaiverFault[] {
  return [
    ...inspectPattern('check', check),
    ...inspectPattern('path', path),
    ...(check === undefined || isKnownCheck(check) ? [] : [unknownCheck(check)]),
    ...(expires === undefined || isDay(expires) ? [] : [{ key: 'expires', kind: 'not-a-day' } as const]),
  ];
}

function inspectPattern(key: 'check' | 'path', pattern: string | undefined): readonly WaiverFault[] {
  const problem = pattern === undefined ? undefined : findGlobProblem(pattern, PATH_GLOB);
  return problem === undefined ? [] : [{ key, kind: 'no-pattern', problem }];
}

function unknownCheck(check: string): WaiverFault {
  const near = findNearest(check, checkIds);
  return { key: 'check', kind: 'unknown', ...(near === undefined ? {} : { near }) };
}

/** Patterns are for whole families; what else a glob can say is left to the scan, which reports one that fits nothing. */
function isKnownCheck(check: string): boolean {
  if (!/[*?[{]/.test(check)) return checkIds.includes(check);
  const [family = ''] = check.split(/[*?[{]/);
  return checkIds.some((id) => id.startsWith(family));
}

function isDay(text: string): boolean {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // The second half refuses 2027-02-30, which Date takes for the second of March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
