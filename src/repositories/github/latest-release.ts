import type { ResponseCache } from "../../data/store/http-cache.ts";
import type { CachedGet } from "./cached-client.ts";
import { RepositoryProblemError } from "./errors.ts";
import { type RepositoryName, readCommit, readLatestRelease, readReleases } from "./queries.ts";

interface Dependencies {
  /** Also stores that a repository has no release, for which GitHub sends no ETag. */
  cache: ResponseCache;
  /** In ms. `absentMs`: how long a missing release is cached. */
  now: () => number;
  absentMs: number;
}

/** Returns the tag and commit of a repository's latest release; null if it has none or GitHub is unavailable. */
export function latestRelease(get: CachedGet, { cache, now, absentMs }: Dependencies) {
  return async function latest(name: RepositoryName): Promise<{ ref: string; commit: string } | null> {
    const url = `no release: ${name.owner}/${name.repo}`.toLowerCase();
    const absent = cache.get(url);
    if (absent && now() < absent.at.getTime() + absentMs) return null;
    try {
      // An unchanged empty list is a free 304; the 404 of releases/latest never is.
      if (absent && (await readReleases(get, name))?.length === 0) {
        cache.set({ ...absent, at: new Date(now()) });
        return null;
      }
      const release = await readLatestRelease(get, name);
      const commit = release && (await readCommit(get, name, `tags/${release.tag_name}`));
      if (release && commit) return { ref: release.tag_name, commit };
    } catch (error) {
      // Falls back to the branch, which may be cached; its own request reports an outage.
      if (error instanceof RepositoryProblemError && error.problem.retryAt) return null;
      throw error;
    }
    cache.set({ url, etag: "", status: 404, body: "", at: new Date(now()) });
    return null;
  };
}
