/** A duration and how many times it occurred. */
export interface DurationCount {
  seconds: number;
  count: number;
}

export interface DurationStats {
  count: number;
  /** Seconds; with an even count, the mean of the two middle values. */
  median: number;
  /** Seconds. */
  p95: number;
}

/** Computes exact statistics; null without durations. */
export function durationStats(durations: DurationCount[]): DurationStats | null {
  const sorted = durations.filter(({ count }) => count > 0).sort((a, b) => a.seconds - b.seconds);
  const count = sorted.reduce((sum, duration) => sum + duration.count, 0);
  if (count === 0) return null;
  const valueAt = (n: number) => {
    let cumulative = 0;
    for (const duration of sorted) {
      cumulative += duration.count;
      if (cumulative >= n) return duration.seconds;
    }
    return sorted.at(-1)?.seconds ?? 0;
  };
  const median = (valueAt(Math.ceil(count / 2)) + valueAt(Math.floor(count / 2) + 1)) / 2;
  return { count, median, p95: valueAt(Math.ceil(count * 0.95)) };
}

const minute = 60;
/** Upper bounds of the buckets, in seconds. */
const upperBounds = [
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

/** Counts durations per bucket, without leading and trailing empty buckets. `upTo` null: no upper bound. */
export function histogram(durations: DurationCount[]): { upTo: number | null; count: number }[] {
  const bounds = [...upperBounds, null];
  const buckets = bounds.map((upTo, index) => {
    const from = index === 0 ? -1 : (upperBounds[index - 1] ?? 0);
    const matching = durations.filter(({ seconds }) => seconds > from && (upTo === null || seconds <= upTo));
    return { upTo, count: matching.reduce((sum, { count }) => sum + count, 0) };
  });
  const first = buckets.findIndex(({ count }) => count > 0);
  return first < 0 ? [] : buckets.slice(first, buckets.findLastIndex(({ count }) => count > 0) + 1);
}
