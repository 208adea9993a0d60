import type { PartialConfig } from '../config-input.js';
import { expandMatrix } from '../expand-matrix.js';
import { quoteValue } from '../printable.js';
import { draftProblem, type ProblemDraft } from '../problem.js';

/** Two images of one name would be one AMI name, one folder, and one another's `nothing changed`. */
export function findSharedNames({ images = {} }: PartialConfig): readonly ProblemDraft[] {
  const seen = new Map<string, string>();
  return expandMatrix(images).flatMap(({ name, entry }) => {
    const owner = seen.get(name);
    seen.set(name, owner ?? entry);
    // An entry that repeats a value in an axis has been told so by its schema.
    if (owner === undefined || owner === entry) return [];
    const path = ['images', images[entry]?.matrix === undefined ? owner : entry, 'matrix'];
    return [
      draftProblem('CONFIG_MATRIX_NAME', { path, target: 'key' }, [
        quoteValue(name),
        quoteValue(entry),
        quoteValue(owner),
      ]),
    ];
  });
}
