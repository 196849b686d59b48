import type { Db } from "../data/db.ts";
import { addBreakdown } from "../data/store/breakdowns.ts";
import { counter } from "../data/store/counts.ts";
import { startInterval } from "../interval.ts";
import { createRateLimiter } from "./rate-limit.ts";
import { referrerSite } from "./referrer.ts";
import { createAgentClassifier, isNavigation, isPrefetch } from "./user-agents.ts";

/** The parts of Node's request that are read. None of them is stored. */
export interface RequestInfo {
  method?: string | undefined;
  headers: Record<string, string | string[] | undefined>;
  socket: { remoteAddress?: string };
}

interface VisitCounterDependencies {
  now: () => Date;
  random: (bytes: number) => Uint8Array;
  /** Our own origin, which is no referrer. */
  origin: string;
  log: (message: string, error: unknown) => void;
}

/** A repository's counts that are not yet in the database. */
interface PendingCounts extends Record<"badge" | "proxy" | "ignoredBadge" | "visit" | "ignoredVisit", number> {
  sites: Map<string, number>;
}

export type Visits = ReturnType<typeof createVisitCounter>;

/** Counts badge loads and visits in memory and writes them in one transaction a second. */
export function createVisitCounter(db: Db, { now, random, origin, log }: VisitCounterDependencies) {
  const pending = new Map<string, PendingCounts>();
  const add = counter(db);
  const classifyAgent = createAgentClassifier();
  // Updated once a second: precise enough for an hourly limit, and free for a badge.
  let currentTime = now().getTime();
  const mayCount = createRateLimiter({ now: () => currentTime, random });

  function pendingOf(repo: string): PendingCounts {
    const existing = pending.get(repo);
    if (existing) return existing;
    const created = { badge: 0, proxy: 0, ignoredBadge: 0, visit: 0, ignoredVisit: 0, sites: new Map() };
    pending.set(repo, created);
    return created;
  }

  const flush = () => {
    const at = now();
    currentTime = at.getTime();
    if (pending.size === 0) return;
    db.transaction(() => {
      for (const [repo, { sites, ...counts }] of pending) {
        for (const [what, amount] of Object.entries(counts) as [keyof typeof counts, number][])
          if (amount > 0) add({ repo, what }, at, amount);
        for (const [value, amount] of sites) addBreakdown(db, { repo, by: "site", value, what: "visit" }, at, amount);
      }
    });
    pending.clear();
  };
  const flushInterval = startInterval(1000, flush, log);
  return {
    /** Counts a badge load, except HEAD and badges on our own pages. On the fast path: bench/counting.ts measures it. */
    badge(repo: string, request: RequestInfo): void {
      const { headers } = request;
      // The badge studio alone shows a dozen.
      if (request.method === "HEAD" || headers["sec-fetch-site"] === "same-origin") return;
      const counts = pendingOf(repo);
      const agent = classifyAgent(headers["user-agent"] as string | undefined);
      const isSeen = agent === "proxy" || (agent === "person" && !isPrefetch(headers));
      if (!isSeen || !mayCount("badge", repo, request)) counts.ignoredBadge++;
      else {
        counts.badge++;
        if (agent === "proxy") counts.proxy++;
      }
    },
    /** Counts a visit to one of the repository's pages. */
    visit(repo: string, request: RequestInfo): void {
      if (request.method === "HEAD") return;
      const { headers } = request;
      const counts = pendingOf(repo);
      const isPerson = classifyAgent(headers["user-agent"] as string | undefined) === "person";
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
      flushInterval.stop();
      flush();
    },
  };
}
