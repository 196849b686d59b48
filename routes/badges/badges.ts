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

/** Draws the badge at a URL of ours. Whatever happens, it is an image. */
export const drawBadge = ({
  db,
  badgeClouds,
  inspect,
  log,
}: Pick<AppContext, "db" | "badgeClouds" | "inspect" | "log">) => {
  async function stateOf(host: string, owner: string, repo: string, query: URLSearchParams) {
    const address = checkAddress(host, owner, repo, query.get("ref") ?? undefined, query.get("path") ?? "");
    if (!address.ok) return { repo: null, state: states.invalid };
    const look = await inspect(address.value);
    if (!look.ok) return { repo: null, state: states[look.trouble.kind] };
    const name = repositoryId(look.snapshot.address);
    if (!look.reading.app && !look.lapse) return { repo: name, state: { kind: "broken" } satisfies BadgeState };
    const cloud = readBadgeQuery(query, badgeClouds).cloud;
    if (cloud && !isOffered(look.settings, cloud.id))
      return { repo: name, state: { kind: "not-offered" } as BadgeState };
    const installs = query.has("count") ? installsOf(db, name) : null;
    return { repo: name, state: { kind: look.lapse ? "lapsed" : "ready", installs } satisfies BadgeState };
  }

  return async function draw(url: string): Promise<RepoBadge> {
    const { pathname, searchParams } = new URL(url, "http://badge");
    try {
      const [host = "", owner = "", repo = ""] = pathname.slice(1).split("/").map(decodeURIComponent);
      const { repo: name, state } = await stateOf(host, owner, repo, searchParams);
      return { ...badgeFor(searchParams, state, badgeClouds), repo: name };
    } catch (error) {
      const malformed = error instanceof URIError;
      if (!malformed) log(`badge ${pathname.slice(0, 200)} threw`, error);
      return { ...badgeFor(new URLSearchParams(), malformed ? states.invalid : { kind: "error" }), repo: null };
    }
  };
};

/** The same behind the router; in front of it, `warm-badges.ts` answers what was drawn before. */
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
