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

/** How long a repository that is not viewed is remembered. */
const retentionMs = 90 * day;
/** Latest inspections kept in memory, so that reloading a badge costs no query. */
const maxRecent = 10_000;

/**
 * Schedules of the automatic checks: each repository every `intervalMs`, `perRound` of them every `roundMs`. With a
 * token an unchanged response is free; without one each check costs two of 60 requests an hour.
 */
export const schedules = {
  withToken: { intervalMs: hour, roundMs: minute, perRound: 4 },
  without: { intervalMs: day, roundMs: 10 * minute, perRound: 1 },
};

interface Dependencies {
  db: Db;
  inspect: Inspect;
  schedule: (typeof schedules)["withToken"];
  now: () => Date;
  random: (bytes: number) => Uint8Array;
  log: (message: string, error: unknown) => void;
}

type Success = Extract<Inspection, { ok: true }>;

/** Creates the watcher: it notices when a repository stops or starts being deployable and notifies its webhooks once. */
export function createWatcher({ db, inspect, schedule, now, random, log }: Dependencies) {
  const latest = new Map<string, { commit: string; at: number; lapse: Regression | null }>();
  let isRunning = false;

  /** Stores the state of a commit and returns the repository's lapse; null if it is deployable. */
  function record({ snapshot, reading }: Success): Regression | null {
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
      // Never deployable is no regression. The same commit cannot regress either: then our reader has changed.
      if (!before || !good || good === commit) return null;
      if (before.since && before.bad) {
        writeWatched(db, repo, { seen });
        return { since: before.since, good, bad: before.bad };
      }
      const problem = summarize(reading.problems);
      writeWatched(db, repo, { bad: commit, since: seen, problem, seen });
      const data = { repo: name, commit, good, problem };
      // The same commit breaks it again where a branch goes back to it.
      enqueueEvent(db, name, { type: "manifest.broken", at: seen, data, key: `${commit} ${seen.getTime()}` });
      return { since: seen, good, bad: commit };
    });
  }

  /** Records a commit once a day at most. */
  function recordOnce(inspection: Success): Regression | null {
    const repo = repositoryKey(repositoryId(inspection.snapshot.address));
    const recent = latest.get(repo);
    const at = now().getTime();
    if (recent?.commit === inspection.snapshot.commit && at - recent.at < day) return recent.lapse;
    const lapse = record(inspection);
    latest.delete(repo);
    latest.set(repo, { commit: inspection.snapshot.commit, at, lapse });
    if (latest.size > maxRecent) latest.delete(latest.keys().next().value ?? "");
    return lapse;
  }

  /** Inspects and records. Only the default ref and the root are watched, not every ref or folder in an address. */
  const watching: Inspect = async (address) => {
    const inspection = await inspect(address);
    if (!inspection.ok || address.ref !== undefined || address.path !== "") return inspection;
    const lapse = recordOnce(inspection);
    return lapse ? { ...inspection, lapse } : inspection;
  };

  /** Checks one repository and schedules its next check, also after an error: it must not block the queue forever. */
  async function check(repo: string): Promise<{ shouldContinue: boolean }> {
    const [host, owner = "", name = ""] = repo.split("/");
    const address: Address = { host: host === "local" ? "local" : "github.com", owner, repo: name, path: "" };
    const inspection = await watching(address).catch((error: unknown) => {
      log(`watching ${repo} threw`, error);
      return null;
    });
    const [jitter = 0] = random(1);
    const trouble = !inspection || inspection.ok ? null : inspection.trouble;
    const isGone = trouble?.kind === "missing" || trouble?.kind === "moved";
    const delayMs = (isGone ? day : schedule.intervalMs) * (1 + (0.2 * jitter) / 256);
    const regular = now().getTime() + delayMs;
    const next = trouble?.retryAt ? Math.max(trouble.retryAt.getTime(), now().getTime() + schedule.roundMs) : regular;
    writeNext(db, repo, { next: new Date(next), seen: now() });
    return { shouldContinue: trouble?.kind !== "limited" && trouble?.kind !== "unreachable" };
  }

  return {
    inspect: watching,

    /** Checks the repositories that are due, a few at a time, and stops when their host is unavailable. */
    async round() {
      if (isRunning) return;
      isRunning = true;
      try {
        for (const { repo } of dueRepos(db, now(), schedule.perRound)) if (!(await check(repo)).shouldContinue) break;
      } catch (error) {
        log("watching manifests threw", error);
      } finally {
        isRunning = false;
      }
    },

    prune: () => void pruneWatched(db, new Date(now().getTime() - retentionMs)),
  };
}

function summarize(problems: Note[]): string {
  const [first] = problems;
  if (!first) return "Nothing in the repository says how its app starts.";
  const { file, line, column, message } = first;
  const position = [file, line, line === null ? null : column].filter((part) => part !== null && part !== "").join(":");
  return `${position ? `${position}: ` : ""}${message}`.slice(0, 500);
}
