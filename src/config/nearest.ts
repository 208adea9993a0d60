/** The candidate that a person most likely meant by `word`, if one is near enough to be worth asking about. */
export function findNearest(word: string, candidates: Iterable<string>): string | undefined {
  // A third of the letters may be wrong; comparing stops to make sense for long words, and costs time for hostile ones.
  if (word.length > MAX_WORD_LENGTH) return undefined;
  let nearest: string | undefined;
  let nearestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = countEdits(fold(word), fold(candidate));
    if (distance < nearestDistance) {
      nearest = candidate;
      nearestDistance = distance;
    }
  }
  return nearest ?? findExtension(word, candidates);
}

const MAX_WORD_LENGTH = 64;

/** `x86` means `x86_64`, `debian` means `debian-12`: a beginning of one candidate, or of several, the first. */
function findExtension(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length < 2) return undefined;
  for (const candidate of candidates) if (fold(candidate).startsWith(fold(word))) return candidate;
  return undefined;
}

/** Case and separators are the commonest mistakes (`instance_type`, `InstanceType`), so they count as none. */
function fold(word: string): string {
  return word.toLowerCase().replace(/[-_ ]/g, '');
}

/** Insertions, deletions, replacements and swaps of neighbours that turn `left` into `right`. */
function countEdits(left: string, right: string): number {
  if (Math.abs(left.length - right.length) > MAX_WORD_LENGTH) return Number.POSITIVE_INFINITY;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const isSame = left[row - 1] === right[column - 1];
      const isSwap = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      const edits = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (isSame ? 0 : 1),
        isSwap ? at(beforePrevious, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
      current.push(edits);
    }
    [beforePrevious, previous] = [previous, current];
  }
  return at(previous, right.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
