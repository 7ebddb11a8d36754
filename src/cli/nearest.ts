// The valid word a mistyped one probably meant.

/** Edit distance with transpositions counted once (optimal string alignment). */
const distance = (a: string, b: string): number => {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, rows[i - 2]![j - 2]! + 1);
      }
      row.push(best);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
};

/** Letters and digits only, so that `max_iterations`, `maxIterations` and `max-iterations` are the same word. */
const plain = (word: string): string => word.toLowerCase().replace(/[^a-z0-9]/g, '');

/**
 * The nearest of `words`, or null when none is near enough to be worth saying: one edit per three letters, a beginning
 * of at least three letters, or the same word in another spelling. Ties go to the first.
 */
export const nearest = (word: string, words: readonly string[]): string | null => {
  const typed = plain(word.slice(0, 100));
  if (typed === '') return null;
  let best: string | null = null;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of words) {
    const known = plain(candidate);
    const away = known.startsWith(typed) && typed.length >= 3 ? 0.5 : distance(typed, known);
    if (away <= Math.max(1, Math.floor(known.length / 3)) && away < known.length && away < bestDistance) {
      best = candidate;
      bestDistance = away;
    }
  }
  return best;
};
