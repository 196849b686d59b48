interface Limits {
  /** How many are under way together. */
  atOnce: number;
  /** Resolves when no answer is waited for any longer. */
  patience: (signal: AbortSignal) => Promise<unknown>;
}

/** Asks the same of many, some at a time. null: it did not answer, not in time, or said no. */
export async function mapWithLimit<T, R>(
  all: T[],
  { atOnce, patience }: Limits,
  ask: (one: T) => Promise<R>,
): Promise<(R | null)[]> {
  const answers: (R | null)[] = all.map(() => null);
  let next = 0;
  let late = false;
  async function lane() {
    while (next < all.length && !late) {
      const index = next++;
      const one = all[index] as T;
      answers[index] = await ask(one).catch(() => null);
    }
  }
  const lanes = Promise.all(Array.from({ length: Math.min(atOnce, all.length) }, lane));
  const over = new AbortController();
  await Promise.race([lanes, patience(over.signal).catch(() => {})]);
  late = true;
  over.abort();
  return [...answers];
}
