/**
 * "Did you mean …?": the nearest of the known names, by edit distance (insert, delete, replace, swap of neighbours),
 * ignoring case. Says nothing rather than something far-fetched.
 */

/**
 * The nearest candidate, or `undefined`.
 * @param reach most edits; by default a third of the word's length, at least two, one in a short word
 */
export function nearest(
  word: string,
  candidates: Iterable<string>,
  reach = word.length <= 3 ? 1 : Math.max(2, Math.floor(word.length / 3)),
): string | undefined {
  if (word.length === 0 || word.length > 80) return undefined;
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = reach + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** A hint, or nothing when no candidate is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const name = nearest(word, candidates);
  return name === undefined ? undefined : `did you mean \`${name}\`?`;
}

function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(at(previous, j) + 1, at(row, j - 1) + 1, at(previous, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, at(before, j - 2) + 1);
      row.push(cost);
    }
    before = previous;
    previous = row;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
