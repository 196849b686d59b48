import type { Responses } from "../../data/store/http-cache.ts";
import type { CachedGet } from "./cached-client.ts";
import { RepositoryProblemError } from "./errors.ts";
import { type Name, readCommit, readLatestRelease, readReleases } from "./queries.ts";

interface World {
  /** Where it is written down that there is none, which GitHub itself does not answer for free. */
  responses: Responses;
  /** In ms; `forget`: for how long a repository that has no release is not asked again. */
  now: () => number;
  forget: number;
}

/** The tag of a repository's latest release and the commit it is at; null: there is none, or GitHub cannot say now. */
export function latestRelease(ask: CachedGet, { responses, now, forget }: World) {
  return async function latest(name: Name): Promise<{ ref: string; commit: string } | null> {
    const url = `no release: ${name.owner}/${name.repo}`.toLowerCase();
    const none = responses.get(url);
    if (none && now() < none.at.getTime() + forget) return null;
    try {
      // An empty list that has not changed is an answer for free, which "there is no latest one" never is.
      if (none && (await readReleases(ask, name))?.length === 0) {
        responses.set({ ...none, at: new Date(now()) });
        return null;
      }
      const release = await readLatestRelease(ask, name);
      const commit = release && (await readCommit(ask, name, `tags/${release.tag_name}`));
      if (release && commit) return { ref: release.tag_name, commit };
    } catch (error) {
      // What was known of the branch is better than nothing; whether GitHub is there it will say again.
      if (error instanceof RepositoryProblemError && error.trouble.retryAt) return null;
      throw error;
    }
    responses.set({ url, etag: "", status: 404, body: "", at: new Date(now()) });
    return null;
  };
}
