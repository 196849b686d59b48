import type { Db } from "../data/db.ts";
import { addBreakdown } from "../data/store/breakdowns.ts";
import { counter } from "../data/store/counts.ts";
import { startInterval } from "../interval.ts";
import { createRateLimiter } from "./rate-limit.ts";
import { referrerSite } from "./referrer.ts";
import { createAgentClassifier, isNavigation, isPrefetch } from "./user-agents.ts";

/** What is read of a request, as Node gives it. Nothing of it is kept. */
export interface RequestInfo {
  method?: string | undefined;
  headers: Record<string, string | string[] | undefined>;
  socket: { remoteAddress?: string };
}

interface Needs {
  now: () => Date;
  random: (bytes: number) => Uint8Array;
  /** Ours: who comes from a page of ours comes from nowhere else. */
  origin: string;
  log: (message: string, error: unknown) => void;
}

/** What was counted of a repository and is not yet written down. */
interface Waiting extends Record<"badge" | "proxy" | "ignoredBadge" | "visit" | "ignoredVisit", number> {
  sites: Map<string, number>;
}

export type Visits = ReturnType<typeof createVisitCounter>;

/** Counts what is too frequent to write one by one: in memory, and to the database in one transaction a second. */
export function createVisitCounter(db: Db, { now, random, origin, log }: Needs) {
  const waiting = new Map<string, Waiting>();
  const add = counter(db);
  const agentOf = createAgentClassifier();
  // To the second is near enough for an hour, and costs a badge nothing.
  let time = now().getTime();
  const mayCount = createRateLimiter({ now: () => time, random });

  function waitingOf(repo: string): Waiting {
    const known = waiting.get(repo);
    if (known) return known;
    const fresh = { badge: 0, proxy: 0, ignoredBadge: 0, visit: 0, ignoredVisit: 0, sites: new Map() };
    waiting.set(repo, fresh);
    return fresh;
  }

  const flush = () => {
    const at = now();
    time = at.getTime();
    if (waiting.size === 0) return;
    db.transaction(() => {
      for (const [repo, { sites, ...counts }] of waiting) {
        for (const [what, by] of Object.entries(counts) as [keyof typeof counts, number][])
          if (by > 0) add({ repo, what }, at, by);
        for (const [value, by] of sites) addBreakdown(db, { repo, by: "site", value, what: "visit" }, at, by);
      }
    });
    waiting.clear();
  };
  const flushing = startInterval(1000, flush, log);
  return {
    /** A badge was loaded; HEAD loads none, and a page of ours shows its own. This is on the fast path: bench/counting.ts measures it. */
    badge(repo: string, request: RequestInfo): void {
      const { headers } = request;
      // The studio alone shows a dozen.
      if (request.method === "HEAD" || headers["sec-fetch-site"] === "same-origin") return;
      const counts = waitingOf(repo);
      const agent = agentOf(headers["user-agent"] as string | undefined);
      const isSeen = agent === "proxy" || (agent === "person" && !isPrefetch(headers));
      if (!isSeen || !mayCount("badge", repo, request)) counts.ignoredBadge++;
      else {
        counts.badge++;
        if (agent === "proxy") counts.proxy++;
      }
    },
    /** A page of the repository was opened. */
    visit(repo: string, request: RequestInfo): void {
      if (request.method === "HEAD") return;
      const { headers } = request;
      const counts = waitingOf(repo);
      const isPerson = agentOf(headers["user-agent"] as string | undefined) === "person";
      if (!isPerson || isPrefetch(headers) || !isNavigation(headers) || !mayCount("visit", repo, request))
        counts.ignoredVisit++;
      else {
        counts.visit++;
        const site = referrerSite(headers.referer as string | undefined, origin);
        counts.sites.set(site, (counts.sites.get(site) ?? 0) + 1);
      }
    },
    flush,
    stop() {
      flushing.stop();
      flush();
    },
  };
}
