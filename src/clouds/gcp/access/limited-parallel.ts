interface Limits {
  concurrency: number;
  /** Resolves when the wait is over. */
  timeout: (signal: AbortSignal) => Promise<unknown>;
}

/** Runs the work for every item, a few at a time. Results are null for items that failed or took too long. */
export async function mapWithLimit<T, R>(
  items: T[],
  { concurrency, timeout }: Limits,
  work: (item: T) => Promise<R>,
): Promise<(R | null)[]> {
  const results: (R | null)[] = items.map(() => null);
  let next = 0;
  let timedOut = false;
  async function worker() {
    while (next < items.length && !timedOut) {
      const index = next++;
      const item = items[index] as T;
      results[index] = await work(item).catch(() => null);
    }
  }
  const workers = Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
  const abort = new AbortController();
  await Promise.race([workers, timeout(abort.signal).catch(() => {})]);
  timedOut = true;
  abort.abort();
  return [...results];
}
