/**
 * Limits how many connections are open at once, by `max` per dimension, such as `{ deployment: 1000, place: 64 }`.
 * `acquire` takes a value for each dimension; it returns a function that releases the connection, or null at the limit.
 */
export function createConnectionLimit<Dimension extends string>(max: Record<Dimension, number>) {
  const open = new Map<string, number>();
  return function acquire(counted: Record<Dimension, string>): (() => void) | null {
    const keys = (Object.keys(max) as Dimension[]).map((dimension) => ({
      key: `${dimension} ${counted[dimension]}`,
      limit: max[dimension],
    }));
    if (keys.some(({ key, limit }) => (open.get(key) ?? 0) >= limit)) return null;
    for (const { key } of keys) open.set(key, (open.get(key) ?? 0) + 1);
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      for (const { key } of keys) {
        const left = (open.get(key) ?? 1) - 1;
        if (left > 0) open.set(key, left);
        else open.delete(key);
      }
    };
  };
}
