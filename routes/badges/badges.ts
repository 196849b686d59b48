import { Hono } from "hono";
import { type BadgeState, badgeFor, readBadgeQuery } from "../../badges/index.ts";
import { checkAddress, repositoryId } from "../../src/address.ts";
import { installsOf } from "../../src/data/store/counts.ts";
import type { RepositoryProblem } from "../../src/repo.ts";
import { isOffered } from "../../src/settings.ts";
import type { AppContext } from "../app-context.ts";
import { requestInfo } from "../stats/request-info.ts";
import { badgeHeaders, type RepoBadge } from "./badge-cache.ts";

const states: Record<RepositoryProblem["kind"], BadgeState> = {
  invalid: { kind: "missing" },
  blocked: { kind: "blocked" },
  missing: { kind: "missing" },
  moved: { kind: "unsure", installs: null },
  "no-ref": { kind: "no-ref" },
  "no-path": { kind: "no-path" },
  limited: { kind: "unsure", installs: null },
  unreachable: { kind: "unsure", installs: null },
  "too-large": { kind: "broken" },
};

/** Draws the badge of a URL. Errors become images too. */
export const drawBadge = ({
  db,
  badgeClouds,
  inspect,
  log,
}: Pick<AppContext, "db" | "badgeClouds" | "inspect" | "log">) => {
  async function badgeState(host: string, owner: string, repo: string, query: URLSearchParams) {
    const address = checkAddress(host, owner, repo, query.get("ref") ?? undefined, query.get("path") ?? "");
    if (!address.ok) return { repo: null, state: states.invalid };
    const inspection = await inspect(address.value);
    if (!inspection.ok) return { repo: null, state: states[inspection.trouble.kind] };
    const name = repositoryId(inspection.snapshot.address);
    if (!inspection.reading.app && !inspection.lapse)
      return { repo: name, state: { kind: "broken" } satisfies BadgeState };
    const cloud = readBadgeQuery(query, badgeClouds).cloud;
    if (cloud && !isOffered(inspection.settings, cloud.id))
      return { repo: name, state: { kind: "not-offered" } as BadgeState };
    const installs = query.has("count") ? installsOf(db, name) : null;
    return { repo: name, state: { kind: inspection.lapse ? "lapsed" : "ready", installs } satisfies BadgeState };
  }

  return async function draw(url: string): Promise<RepoBadge> {
    const { pathname, searchParams } = new URL(url, "http://badge");
    try {
      const [host = "", owner = "", repo = ""] = pathname.slice(1).split("/").map(decodeURIComponent);
      const { repo: name, state } = await badgeState(host, owner, repo, searchParams);
      return { ...badgeFor(searchParams, state, badgeClouds), repo: name };
    } catch (error) {
      const isMalformed = error instanceof URIError;
      if (!isMalformed) log(`badge ${pathname.slice(0, 200)} threw`, error);
      return { ...badgeFor(new URLSearchParams(), isMalformed ? states.invalid : { kind: "error" }), repo: null };
    }
  };
};

/** Serves badges through the router, for tests and other servers. In production `badge-cache.ts` answers first. */
export const badgeRoutes = (context: AppContext) => {
  const draw = drawBadge(context);
  return new Hono().get("/:host/:owner/:repo/badge.svg", async (c) => {
    const badge = await draw(c.req.url);
    if (badge.repo) context.visits.badge(badge.repo, requestInfo(c));
    const headers = badgeHeaders(badge);
    if (c.req.header("if-none-match") === badge.etag) return c.body(null, 304, headers);
    return c.body(badge.body, 200, headers);
  });
};
