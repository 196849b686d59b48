/** Returns the word that was probably meant; undefined if none is close. */
export function closestMatch(word: string, words: readonly string[]): string | undefined {
  if (word.length > 40) return undefined;
  const normalized = word.toLowerCase().replace(/[^a-z0-9]/g, "");
  let closest: string | undefined;
  let minDistance = Math.max(1, Math.floor(normalized.length / 3)) + 1;
  for (const other of words) {
    const editDistance = distance(normalized, other.toLowerCase().replace(/[^a-z0-9]/g, ""));
    if (editDistance < minDistance) {
      minDistance = editDistance;
      closest = other;
    }
  }
  return closest;
}

/** Returns the Damerau-Levenshtein distance. */
function distance(a: string, b: string): number {
  let previousRow: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const nextRow = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swap =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (previousRow[j - 2] ?? 0) + 1 : change;
      nextRow.push(Math.min((row[j] ?? 0) + 1, (nextRow[j - 1] ?? 0) + 1, change, swap));
    }
    previousRow = row;
    row = nextRow;
  }
  return row[b.length] ?? 0;
}
