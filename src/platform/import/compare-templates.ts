// Whether two templates mean the same, as parsed JSON: the one that was imported, and the one that is rendered from the
// config that came of it. What buildimg adds on purpose shows as added; anything lost or changed shows as that.
import { describeBuilder, type FlatSettings } from './describe-builder.js';
import { describeSteps, type StepFacts } from './describe-steps.js';
import type { LegacyTemplate } from './legacy-template.js';

export interface TemplateDifference {
  readonly kind: 'added' | 'lost' | 'changed';
  /** Like `builder.tags.team` or `step 3`. */
  readonly where: string;
  readonly before?: string;
  readonly after?: string;
}

export interface TemplateSide extends StepFacts {
  readonly template: LegacyTemplate;
  /** Which of its amazon-ebs builders. */
  readonly builder: number;
}

/** The differences, in the order of the template; empty when both mean the same. */
export function compareTemplates(before: TemplateSide, after: TemplateSide): readonly TemplateDifference[] {
  return [
    ...compareSettings(describeBuilder(before), describeBuilder(after)),
    ...compareSteps(describeSteps(before), describeSteps(after)),
  ];
}

function compareSettings(before: FlatSettings, after: FlatSettings): readonly TemplateDifference[] {
  const keys = [...new Set([...before.keys(), ...after.keys()])];
  return keys.flatMap((key): readonly TemplateDifference[] => {
    const [old, now] = [before.get(key), after.get(key)];
    const where = `builder.${key}`;
    if (old === now) return [];
    if (old === undefined) return [{ kind: 'added', where, after: now ?? '' }];
    if (now === undefined) return [{ kind: 'lost', where, before: old }];
    return [{ kind: 'changed', where, before: old, after: now }];
  });
}

/** Steps keep their order, so that what is new between them is found by the longest common run. */
function compareSteps(before: readonly string[], after: readonly string[]): readonly TemplateDifference[] {
  const common = findCommon(before, after);
  const lost = before.flatMap((step, index): readonly TemplateDifference[] =>
    common.before.has(index) ? [] : [{ kind: 'lost', where: `step ${index + 1}`, before: step }],
  );
  const added = after.flatMap((step, index): readonly TemplateDifference[] =>
    common.after.has(index) ? [] : [{ kind: 'added', where: `step ${index + 1}`, after: step }],
  );
  return [...lost, ...added];
}

/** Indexes of a longest common subsequence, by the textbook's table; templates have dozens of steps. */
function findCommon(before: readonly string[], after: readonly string[]) {
  const zeros = () => Array.from({ length: after.length + 1 }, () => 0);
  const lengths = Array.from({ length: before.length + 1 }, zeros);
  const at = (row: number, column: number) => lengths[row]?.[column] ?? 0;
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      const line = lengths[row];
      if (line === undefined) continue;
      const isSame = before[row] === after[column];
      line[column] = isSame ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const kept = { before: new Set<number>(), after: new Set<number>() };
  let [row, column] = [0, 0];
  while (row < before.length && column < after.length) {
    if (before[row] === after[column]) {
      kept.before.add(row);
      kept.after.add(column);
      row += 1;
      column += 1;
    } else if (at(row + 1, column) >= at(row, column + 1)) row += 1;
    else column += 1;
  }
  return kept;
}
