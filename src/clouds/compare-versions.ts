/** Whether an offered version satisfies the requested one: 16 satisfies `16.3`. */
export const satisfies = (version: string, requested: string): boolean =>
  requested === version || requested.startsWith(`${version}.`);

const parseNumbers = (version: string) => version.split(".").map((part) => Number.parseInt(part, 10) || 0);

/** Compares versions by their first two numbers, the earlier one first. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parseNumbers(a), parseNumbers(b)];
  return (left[0] ?? 0) - (right[0] ?? 0) || (left[1] ?? 0) - (right[1] ?? 0);
}

/** Returns the supported version that satisfies the requested one, or else the next later one, if any. Oldest first. */
export const nearestVersion = (supported: readonly string[], requested: string): string | undefined =>
  supported.find((version) => satisfies(version, requested) || compareVersions(version, requested) >= 0);
