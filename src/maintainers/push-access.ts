import { z } from "zod";
import { repositoryId } from "../address.ts";
import type { Address, RepositoryProblem } from "../repo.ts";
import { missing, moved, RepositoryProblemError } from "../repositories/github/errors.ts";
import { type Options, userLookup } from "../repositories/github/user-lookup.ts";
import type { Session, Sessions } from "./sessions.ts";

const minute = 60_000;
/** How long a positive answer is cached. */
const positiveTtlMs = 60 * minute;
/** Short, so that a newly added maintainer does not wait an hour. */
const negativeTtlMs = minute;
const maxEntries = 10_000;

const Repo = z.object({
  full_name: z.string().regex(/^[\w-]+\/[\w.-]+$/),
  private: z.boolean(),
  permissions: z.object({ push: z.boolean() }).optional(),
});
const User = z.object({ id: z.int(), login: z.string() });

export interface Maintainers {
  /**
   * Whether GitHub lets the user push to the repository, cached for an hour; a problem if GitHub cannot tell.
   * If GitHub has revoked the token, ends the session and returns false.
   */
  hasPushAccess(session: Session, address: Address): Promise<boolean | RepositoryProblem>;
  /** Returns the account's current login, cached for an hour; null if the session has ended. */
  currentLogin(session: Session): Promise<string | null | RepositoryProblem>;
}

interface MaintainerDependencies extends Options {
  sessions: Pick<Sessions, "tokenOf" | "end">;
}

/** Looks up what a signed-in user may do. Cached per session, so that signing out clears it. */
export function createMaintainers({ sessions, ...options }: MaintainerDependencies): Maintainers {
  const { now } = options;
  const lookup = userLookup(options);
  const cache = new Map<string, { until: number; answer: Promise<unknown> }>();

  function memoized<T>(key: string, load: () => Promise<T>, isYes: (answer: T) => boolean): Promise<T> {
    const cached = cache.get(key);
    if (cached && now() < cached.until) return cached.answer as Promise<T>;
    const entry = { until: now() + positiveTtlMs, answer: load() };
    cache.delete(key);
    cache.set(key, entry);
    if (cache.size > maxEntries) cache.delete(cache.keys().next().value ?? "");
    const startedAt = now();
    entry.answer.then(
      (answer) => {
        entry.until = startedAt + (isYes(answer) ? positiveTtlMs : negativeTtlMs);
      },
      () => {
        if (cache.get(key) === entry) cache.delete(key);
      },
    );
    return entry.answer;
  }

  /** Reads a resource with the user's token; null if it is not visible to them. A revoked token ends the session. */
  async function lookupAs<T>(session: Session, path: string, shape: z.ZodType<T>): Promise<T | "gone" | null> {
    const token = sessions.tokenOf(session);
    const answer = token === null ? "gone" : await lookup(token, path, shape);
    if (answer === "gone") sessions.end(session.id);
    return answer;
  }

  async function fetchPushAccess(session: Session, address: Address): Promise<boolean | RepositoryProblem> {
    const path = `/repos/${encodeURIComponent(address.owner)}/${encodeURIComponent(address.repo)}`;
    const repo = await lookupAs(session, path, Repo);
    if (repo === "gone") return false;
    if (repo === null || repo.private) return missing(address);
    const [owner = "", name = ""] = repo.full_name.split("/");
    // The repository was renamed. Someone else may claim the old name, so permissions under it prove nothing.
    if (repo.full_name.toLowerCase() !== `${address.owner}/${address.repo}`.toLowerCase())
      return moved({ ...address, owner, repo: name });
    return repo.permissions?.push ?? false;
  }

  return {
    hasPushAccess(session, address) {
      const key = JSON.stringify([session.id, repositoryId(address).toLowerCase()]);
      const load = () => fetchPushAccess(session, address);
      return memoized(key, load, (answer) => answer === true).catch(toProblem);
    },
    currentLogin(session) {
      const load = async () => {
        const user = await lookupAs(session, "/user", User);
        return user === null || user === "gone" || user.id !== session.user ? null : user.login;
      };
      return memoized(JSON.stringify([session.id]), load, (login) => login !== null).catch(toProblem);
    },
  };
}

function toProblem(error: unknown): RepositoryProblem {
  if (error instanceof RepositoryProblemError) return error.problem;
  throw error;
}
