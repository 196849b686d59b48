/** Whether a version of ours is what was asked for: `16.3` is answered by 16. */
export const satisfies = (version: string, asked: string): boolean =>
  asked === version || asked.startsWith(`${version}.`);

const numbers = (version: string) => version.split(".").map((part) => Number.parseInt(part, 10) || 0);

/** The earlier version first, by its first two numbers. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)];
  return (left[0] ?? 0) - (right[0] ?? 0) || (left[1] ?? 0) - (right[1] ?? 0);
}

/** Returns the supported version that satisfies the requested one, or else the next later one, if any. Oldest first. */
export const nearestVersion = (supported: readonly string[], requested: string): string | undefined =>
  supported.find((version) => satisfies(version, requested) || compareVersions(version, requested) >= 0);
