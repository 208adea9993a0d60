import type { Check } from '../scan/finding.js';
import { allChecks } from '../scan/rules/catalogue.js';

const checksById: ReadonlyMap<string, Check> = new Map(allChecks.map((check) => [check.id, check]));

/** The row of the catalogue; a finding has no other checks. */
export function getCheck(id: string): Check {
  const check = checksById.get(id);
  if (check === undefined) throw new Error(`There is no check ${id} in the catalogue`);
  return check;
}
