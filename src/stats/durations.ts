/** How long something took, and how often it took that long. */
export interface DurationCount {
  seconds: number;
  count: number;
}

export interface DurationStats {
  count: number;
  /** Seconds; of an even number the mean of the two in the middle. */
  median: number;
  /** Seconds; 95 of a hundred took no longer. */
  p95: number;
}

/** Exact, not estimated; null where nothing took any time. */
export function durationStats(took: DurationCount[]): DurationStats | null {
  const sorted = took.filter(({ count }) => count > 0).sort((a, b) => a.seconds - b.seconds);
  const count = sorted.reduce((sum, one) => sum + one.count, 0);
  if (count === 0) return null;
  const nth = (n: number) => {
    let seen = 0;
    for (const one of sorted) {
      seen += one.count;
      if (seen >= n) return one.seconds;
    }
    return sorted.at(-1)?.seconds ?? 0;
  };
  const median = (nth(Math.ceil(count / 2)) + nth(Math.floor(count / 2) + 1)) / 2;
  return { count, median, p95: nth(Math.ceil(count * 0.95)) };
}

const minute = 60;
/** Upper ends in seconds. */
const steps = [
  minute / 2,
  minute,
  2 * minute,
  5 * minute,
  10 * minute,
  15 * minute,
  20 * minute,
  30 * minute,
  60 * minute,
];

/** How many took up to so many seconds, from the first step that any took to the last; null has no end. */
export function histogram(took: DurationCount[]): { upTo: number | null; count: number }[] {
  const ends = [...steps, null];
  const within = ends.map((upTo, index) => {
    const from = index === 0 ? -1 : (steps[index - 1] ?? 0);
    const inside = took.filter(({ seconds }) => seconds > from && (upTo === null || seconds <= upTo));
    return { upTo, count: inside.reduce((sum, { count }) => sum + count, 0) };
  });
  const first = within.findIndex(({ count }) => count > 0);
  return first < 0 ? [] : within.slice(first, within.findLastIndex(({ count }) => count > 0) + 1);
}
