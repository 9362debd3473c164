/** The candidate that takes the fewest changes of a letter to get to. */
export function nearest(word: string, candidates: readonly string[]): string {
  const ranked = candidates.map((candidate) => ({ candidate, by: distance(word, candidate) }));
  return ranked.reduce((best, each) => (each.by < best.by ? each : best)).candidate;
}

/** Levenshtein distance. Long words are cut: nobody means a known name by them. */
function distance(from: string, to: string): number {
  const letters = Array.from(from.slice(0, 64).toLowerCase());
  const wanted = Array.from(to);
  let row = Array.from({ length: wanted.length + 1 }, (_, index) => index);
  for (const [index, letter] of letters.entries()) {
    const above = row;
    row = [index + 1];
    for (const [column, other] of wanted.entries()) {
      const replaced = (above[column] ?? 0) + (letter === other ? 0 : 1);
      const changed = 1 + Math.min(above[column + 1] ?? 0, row[column] ?? 0);
      row.push(Math.min(replaced, changed));
    }
  }
  return row[wanted.length] ?? 0;
}
