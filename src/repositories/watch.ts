import { repositoryId, repositoryKey } from "../address.ts";
import type { Db } from "../data/db.ts";
import { dueRepos, findWatched, pruneWatched, writeNext, writeWatched } from "../data/store/watched-repositories.ts";
import type { Address } from "../repo.ts";
import type { Note } from "../result.ts";
import { enqueueEvent } from "../webhooks/events.ts";
import type { Inspect, Inspection, Regression } from "./inspect.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** How long a repository that nobody looks at is remembered, in ms. */
const kept = 90 * day;
/** How many of the last looks are in memory, so that a badge that is loaded again costs the database nothing. */
const most = 10_000;

/**
 * How we look by ourselves, times in ms: `every` so often at a repository, `looks` of them in a `round`. With a token
 * an unchanged answer is free; without one each costs two of 60 questions an hour.
 */
export const schedules = {
  withToken: { every: hour, round: minute, looks: 4 },
  without: { every: day, round: 10 * minute, looks: 1 },
};

interface Needs {
  db: Db;
  lookAt: Inspect;
  pace: (typeof schedules)["withToken"];
  now: () => Date;
  random: (bytes: number) => Uint8Array;
  log: (message: string, error: unknown) => void;
}

type Seen = Extract<Inspection, { ok: true }>;

/** Notices when a repository's manifest stops being readable and when it is mended, and tells its webhooks, once. */
export function createWatcher({ db, lookAt, pace, now, random, log }: Needs) {
  const last = new Map<string, { commit: string; at: number; lapse: Regression | null }>();
  let isLooking = false;

  /** What is written down when a commit is seen; the lapse the repository is in. */
  function see({ snapshot, reading }: Seen): Regression | null {
    const { commit } = snapshot;
    const name = repositoryId(snapshot.address);
    const repo = repositoryKey(name);
    const seen = now();
    return db.transaction(() => {
      const before = findWatched(db, repo);
      if (reading.app) {
        writeWatched(db, repo, { good: commit, bad: null, since: null, problem: "", seen });
        if (before?.since) {
          const data = { repo: name, commit, good: null, problem: null };
          enqueueEvent(db, name, {
            type: "manifest.fixed",
            at: seen,
            data,
            key: `${commit} ${before.since.getTime()}`,
          });
        }
        return null;
      }
      const good = before?.good;
      // What never could be deployed has not stopped, and a commit that could is no other now: then it was we who changed.
      if (!before || !good || good === commit) return null;
      if (before.since && before.bad) {
        writeWatched(db, repo, { seen });
        return { since: before.since, good, bad: before.bad };
      }
      const problem = inShort(reading.problems);
      writeWatched(db, repo, { bad: commit, since: seen, problem, seen });
      const data = { repo: name, commit, good, problem };
      // The same commit breaks it again where a branch goes back to it.
      enqueueEvent(db, name, { type: "manifest.broken", at: seen, data, key: `${commit} ${seen.getTime()}` });
      return { since: seen, good, bad: commit };
    });
  }

  /** The same, but for what was seen already. */
  function seeOnce(look: Seen): Regression | null {
    const repo = repositoryKey(repositoryId(look.snapshot.address));
    const known = last.get(repo);
    const at = now().getTime();
    if (known?.commit === look.snapshot.commit && at - known.at < day) return known.lapse;
    const lapse = see(look);
    last.delete(repo);
    last.set(repo, { commit: look.snapshot.commit, at, lapse });
    if (last.size > most) last.delete(last.keys().next().value ?? "");
    return lapse;
  }

  /** Looks as `lookAt` does. What people deploy when they say no more is watched, not what an address may ask for. */
  const watching: Inspect = async (address) => {
    const look = await lookAt(address);
    if (!look.ok || address.ref !== undefined || address.path !== "") return look;
    const lapse = seeOnce(look);
    return lapse ? { ...look, lapse } : look;
  };

  /** One that throws waits like the others: it must not be the first that is looked at for ever. */
  async function lookAgain(repo: string): Promise<{ goOn: boolean }> {
    const [host, owner = "", name = ""] = repo.split("/");
    const address: Address = { host: host === "local" ? "local" : "github.com", owner, repo: name, path: "" };
    const look = await watching(address).catch((error: unknown) => {
      log(`watching ${repo} threw`, error);
      return null;
    });
    const [chance = 0] = random(1);
    const trouble = !look || look.ok ? null : look.trouble;
    const isGone = trouble?.kind === "missing" || trouble?.kind === "moved";
    const wait = (isGone ? day : pace.every) * (1 + (0.2 * chance) / 256);
    const usual = now().getTime() + wait;
    const next = trouble?.retryAt ? Math.max(trouble.retryAt.getTime(), now().getTime() + pace.round) : usual;
    writeNext(db, repo, { next: new Date(next), seen: now() });
    return { goOn: trouble?.kind !== "limited" && trouble?.kind !== "unreachable" };
  }

  return {
    lookAt: watching,

    /** Looks at those that are due, a few at a time, and stops when their host asks us to wait. */
    async round() {
      if (isLooking) return;
      isLooking = true;
      try {
        for (const { repo } of dueRepos(db, now(), pace.looks)) if (!(await lookAgain(repo)).goOn) break;
      } catch (error) {
        log("watching manifests threw", error);
      } finally {
        isLooking = false;
      }
    },

    forget: () => void pruneWatched(db, new Date(now().getTime() - kept)),
  };
}

function inShort(problems: Note[]): string {
  const [first] = problems;
  if (!first) return "Nothing in the repository says how its app starts.";
  const { file, line, column, message } = first;
  const place = [file, line, line === null ? null : column].filter((part) => part !== null && part !== "").join(":");
  return `${place ? `${place}: ` : ""}${message}`.slice(0, 500);
}
