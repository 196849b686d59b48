import { z } from "zod";
import { repositoryId } from "../address.ts";
import type { Address, RepositoryProblem } from "../repo.ts";
import { missing, moved, RepositoryProblemError } from "../repositories/github/errors.ts";
import { type Options, userLookup } from "../repositories/github/user-lookup.ts";
import type { Session, Sessions } from "./sessions.ts";

const minute = 60_000;
/** How long GitHub's yes is taken for one, in ms, ... */
const trusted = 60 * minute;
/** ... and how long its no: who has just been let in shall not wait for an hour. */
const doubted = minute;
/** How many answers are kept in memory. */
const most = 10_000;

const Repo = z.object({
  full_name: z.string().regex(/^[\w-]+\/[\w.-]+$/),
  private: z.boolean(),
  permissions: z.object({ push: z.boolean() }).optional(),
});
const User = z.object({ id: z.int(), login: z.string() });

export interface Maintainers {
  /**
   * Whether GitHub lets them push to the repository, as it said at most an hour ago; a trouble when it cannot say.
   * Where it no longer knows their token, the session is ended and the answer is no.
   */
  hasPushAccess(session: Session, address: Address): Promise<boolean | RepositoryProblem>;
  /** The login their account has now, asked again after an hour; null when the session has ended. */
  currentLogin(session: Session): Promise<string | null | RepositoryProblem>;
}

interface Needs extends Options {
  sessions: Pick<Sessions, "tokenOf" | "end">;
}

/** What GitHub lets those who signed in do. Kept for each session, so that signing out forgets it. */
export function createMaintainers({ sessions, ...options }: Needs): Maintainers {
  const { now } = options;
  const ask = userLookup(options);
  const kept = new Map<string, { until: number; answer: Promise<unknown> }>();

  function remembered<T>(key: string, find: () => Promise<T>, isYes: (answer: T) => boolean): Promise<T> {
    const known = kept.get(key);
    if (known && now() < known.until) return known.answer as Promise<T>;
    const one = { until: now() + trusted, answer: find() };
    kept.delete(key);
    kept.set(key, one);
    if (kept.size > most) kept.delete(kept.keys().next().value ?? "");
    const asked = now();
    one.answer.then(
      (answer) => {
        one.until = asked + (isYes(answer) ? trusted : doubted);
      },
      () => {
        if (kept.get(key) === one) kept.delete(key);
      },
    );
    return one.answer;
  }

  /** As the token sees it; null when it is not there for them. A token that nobody knows ends the session. */
  async function askAs<T>(session: Session, path: string, shape: z.ZodType<T>): Promise<T | "gone" | null> {
    const token = sessions.tokenOf(session);
    const answer = token === null ? "gone" : await ask(token, path, shape);
    if (answer === "gone") sessions.end(session.id);
    return answer;
  }

  async function lookUp(session: Session, address: Address): Promise<boolean | RepositoryProblem> {
    const path = `/repos/${encodeURIComponent(address.owner)}/${encodeURIComponent(address.repo)}`;
    const repo = await askAs(session, path, Repo);
    if (repo === "gone") return false;
    if (repo === null || repo.private) return missing(address);
    const [owner = "", name = ""] = repo.full_name.split("/");
    // Who may push to what it is called today is not asked under the name that others may take over.
    if (repo.full_name.toLowerCase() !== `${address.owner}/${address.repo}`.toLowerCase())
      return moved({ ...address, owner, repo: name });
    return repo.permissions?.push ?? false;
  }

  return {
    hasPushAccess(session, address) {
      const key = JSON.stringify([session.id, repositoryId(address).toLowerCase()]);
      const find = () => lookUp(session, address);
      return remembered(key, find, (answer) => answer === true).catch(asTrouble);
    },
    currentLogin(session) {
      const find = async () => {
        const user = await askAs(session, "/user", User);
        return user === null || user === "gone" || user.id !== session.user ? null : user.login;
      };
      return remembered(JSON.stringify([session.id]), find, (login) => login !== null).catch(asTrouble);
    },
  };
}

function asTrouble(error: unknown): RepositoryProblem {
  if (error instanceof RepositoryProblemError) return error.problem;
  throw error;
}
