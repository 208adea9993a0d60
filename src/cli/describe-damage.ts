import type { RunReport } from '../build/read-runs.js';
import { countOf } from '../report/summarize.js';

const MOST_NAMED = 5;

/** `line 3 of its journal cannot be read`; undefined when all of it can. */
export function describeDamage({ damagedLines }: Pick<RunReport, 'damagedLines'>): string | undefined {
  if (damagedLines.length === 0) return undefined;
  if (damagedLines.length > MOST_NAMED) return `${countOf(damagedLines.length, 'line')} of its journal cannot be read`;
  return `line${damagedLines.length === 1 ? '' : 's'} ${damagedLines.join(', ')} of its journal cannot be read`;
}
