import { agents, isAhead, isPage } from "./counting/agents.ts";
import { bursts } from "./counting/bursts.ts";
import { siteOf } from "./counting/site.ts";
import type { Db } from "./db.ts";
import type { Countable } from "./schema.ts";
import { addBreakdown } from "./store/breakdowns.ts";
import { counter } from "./store/counts.ts";

/** What is read of a request, as Node gives it. Nothing of it is kept. */
export interface Asking {
  method?: string | undefined;
  headers: Record<string, string | string[] | undefined>;
  socket: { remoteAddress?: string };
}

interface Needs {
  now: () => Date;
  random: (bytes: number) => Uint8Array;
  /** Ours: who comes from a page of ours comes from nowhere else. */
  origin: string;
}

export type Visits = ReturnType<typeof visits>;

/** Counts what is too frequent to write one by one: in memory, and to the database in one transaction a second. */
export function visits(db: Db, { now, random, origin }: Needs) {
  const waiting = new Map<Countable, Map<string, number>>();
  const sites = new Map<string, Map<string, number>>();
  const add = counter(db);
  const agentOf = agents();
  const mayCount = bursts({ now: () => now().getTime(), random });

  const countOf = (what: Countable) => {
    const counts = new Map<string, number>();
    waiting.set(what, counts);
    return (repo: string) => {
      counts.set(repo, (counts.get(repo) ?? 0) + 1);
    };
  };
  const [badge, proxy, visit] = [countOf("badge"), countOf("proxy"), countOf("visit")];
  const [ignoredBadge, ignoredVisit] = [countOf("ignoredBadge"), countOf("ignoredVisit")];

  const flush = () => {
    if (waiting.values().every((counts) => counts.size === 0)) return;
    const at = now();
    db.transaction(() => {
      for (const [what, counts] of waiting) for (const [repo, by] of counts) add({ repo, what }, at, by);
      for (const [repo, from] of sites)
        for (const [value, by] of from) addBreakdown(db, { repo, by: "site", value, what: "visit" }, at, by);
    });
    for (const counts of waiting.values()) counts.clear();
    sites.clear();
  };
  const timer = setInterval(flush, 1000).unref();
  return {
    /** A badge was loaded; HEAD loads none. */
    badge(repo: string, request: Asking): void {
      if (request.method === "HEAD") return;
      const agent = agentOf(request.headers["user-agent"] as string | undefined);
      if (agent === "machine" || isAhead(request.headers) || !mayCount("badge", repo, request)) {
        ignoredBadge(repo);
        return;
      }
      badge(repo);
      if (agent === "proxy") proxy(repo);
    },
    /** A page of the repository was opened. */
    visit(repo: string, request: Asking): void {
      if (request.method === "HEAD") return;
      const { headers } = request;
      const isPerson = agentOf(headers["user-agent"] as string | undefined) === "person";
      if (!isPerson || isAhead(headers) || !isPage(headers) || !mayCount("visit", repo, request)) {
        ignoredVisit(repo);
        return;
      }
      visit(repo);
      const site = siteOf(headers.referer as string | undefined, origin);
      const from = sites.get(repo) ?? new Map<string, number>();
      sites.set(repo, from.set(site, (from.get(site) ?? 0) + 1));
    },
    flush,
    stop() {
      clearInterval(timer);
      flush();
    },
  };
}
