import type { Files } from "./format.ts";

const repoOf = (location: string | undefined): string => {
  const path = location?.trim().replace(/\.git$/, "") ?? "";
  return path.slice(path.lastIndexOf("/") + 1).toLowerCase();
};

/**
 * Returns a function from a clone URL or `owner/repo` to the name of the other repository that it means; null if it is
 * this one or a fork. `locations`: those of all components; the first is built from this repository, whatever its name.
 */
export function foreignRepositories([first]: readonly (string | undefined)[], { source }: Files) {
  const own = [repoOf(first), source?.repo.toLowerCase() ?? "", ""];
  return (location: string | undefined): string | null => (own.includes(repoOf(location)) ? null : repoOf(location));
}
