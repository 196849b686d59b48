import { type Context, Hono } from "hono";
import { addressPath, repositoryId } from "../../src/address.ts";
import { isLoopback } from "../../src/config.ts";
import { dayOf, firstCounted } from "../../src/data/store/counts.ts";
import { type Stats, statsOf } from "../../src/data/store/stats.ts";
import type { Address } from "../../src/repo.ts";
import { csvPages } from "../../src/stats/csv.ts";
import { rangeOf } from "../../src/stats/date-range.ts";
import { statsPage } from "../../views/stats/stats.ts";
import type { AppContext } from "../app-context.ts";
import { assets } from "../http/assets.ts";
import { createConnectionLimit } from "../http/connection-limit.ts";
import { pagedBody } from "../http/paged-body.ts";
import { requestNetwork } from "../http/request-network.ts";
import { respond, respondError, respondProblem } from "../http/respond.ts";
import { requireMaintainer } from "../maintainers/require-maintainer.ts";
import { addressFromUrl } from "../repositories/load-repository.ts";

/** A repository's numbers for whoever asks, or the answer to send instead: they are its maintainers' unless they say otherwise. */
async function shown(c: Context, context: AppContext) {
  const { db, inspect, now } = context;
  const checked = addressFromUrl(c);
  if (!checked.ok) {
    const [note] = checked.problems;
    return note ? respondProblem(c, { kind: "invalid", note }) : c.notFound();
  }
  const { ref: _, ...rest } = checked.value;
  const address: Address = { ...rest, path: "" };
  // Whoever reaches a Slipway for this machine alone is at it.
  const isAtHome = address.host === "local" && isLoopback(context.config.origin);
  const maintainer = isAtHome ? null : await requireMaintainer(c, context, address);
  const isPublic = isAtHome || (maintainer instanceof Response && (await arePublic(context, address)));
  if (maintainer instanceof Response && !isPublic) return maintainer;
  let repo = repositoryId(address);
  let first = firstCounted(db, repo);
  if (first === null) {
    // GitHub does not mind how a name is capitalised; the numbers are kept under its own way.
    const look = await inspect(address);
    if (look.ok) repo = repositoryId(look.snapshot.address);
    first = firstCounted(db, repo);
  }
  const today = dayOf(now());
  const { preset, ...range } = rangeOf(c.req.query(), { today, first });
  const signedIn = maintainer instanceof Response ? undefined : maintainer?.login;
  return { repo, path: addressPath(address), today, preset, stats: statsOf(db, repo, range), isPublic, signedIn };
}

/** Whether its maintainers show the numbers to everybody: on its page, or in its manifest. */
async function arePublic({ inspect, settingsOf }: AppContext, address: Address): Promise<boolean> {
  const set = settingsOf(repositoryId(address))?.settings.stats;
  if (set !== undefined) return set === "public";
  const look = await inspect(address);
  return look.ok && look.settings.stats === "public";
}

/** How often the badge was loaded, the page seen and the app started, and what came of it. */
export const statsRoutes = (context: AppContext) => {
  const cloudOf = (id: string) => ({
    name: context.clouds.find((cloud) => cloud.id === id)?.name ?? id,
    mark: context.badgeClouds.find((cloud) => cloud.id === id),
  });
  const acquireExport = createConnectionLimit({ total: 64, network: 4 });
  return new Hono()
    .get("/:host/:owner/:repo/stats", async (c) => {
      const found = await shown(c, context);
      if (found instanceof Response) return found;
      c.header("Cache-Control", "no-store");
      return respond(
        c,
        () => twin(found),
        () => statsPage({ assets, cloudOf, ...found }),
      );
    })
    .get("/:host/:owner/:repo/stats.json", async (c) => {
      const found = await shown(c, context);
      return found instanceof Response ? found : c.json(twin(found));
    })
    .get("/:host/:owner/:repo/stats.csv", async (c) => {
      const found = await shown(c, context);
      if (found instanceof Response) return found;
      const asked = c.req.query("table") ?? "days";
      const table = Object.hasOwn(tables, asked) ? (asked as keyof typeof tables) : "days";
      const headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": `attachment; filename="${found.repo.replaceAll("/", "-")}-${table}.csv"`,
      };
      if (c.req.method === "HEAD") return c.body(null, 200, headers);
      const release = acquireExport({ total: "", network: requestNetwork(c) });
      if (!release) {
        c.header("Retry-After", "30");
        return respondError(c, 429, "Too many exports at once", {
          message: "Only so many exports are sent at the same time, and to the same network.",
          fix: "Wait until the others have finished, or try again in half a minute.",
        });
      }
      return c.body(pagedBody(csvPages(tables[table](found.stats)), release), 200, headers);
    });
};

/** The charts of the page. In front of the headers of pages: an image has its own. */
export const chartRoutes = (context: AppContext) =>
  new Hono().get("/:host/:owner/:repo/stats/:name{[a-z]+\\.svg}", async (c, next) => {
    // Loaded, with all that draws, when the first asks for one.
    const { drawChart, isChartName } = await import("../../views/stats/charts/index.ts");
    const name = c.req.param("name").slice(0, -".svg".length);
    if (!isChartName(name)) return next();
    const found = await shown(c, context);
    if (found instanceof Response) return c.body(null, found.status as 403);
    const svg = await drawChart(name, found.stats, c.req.query("size") === "small" ? "small" : "wide");
    return c.body(svg, 200, {
      "Content-Type": "image/svg+xml; charset=utf-8",
      "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      "Cross-Origin-Resource-Policy": "same-origin",
      "X-Content-Type-Options": "nosniff",
      "Cache-Control": "private, max-age=60",
    });
  });

const twin = ({ repo, stats }: { repo: string; stats: Stats }) => ({ repo, ...stats });

const outcomes = ["start", "success", "failure", "removal"] as const;
const perDay = ["badge", "visit", ...outcomes, "proxy", "ignoredBadge", "ignoredVisit"] as const;

/** Every table of the page. */
const tables = {
  days: ({ days }: Stats) => [["day", ...perDay], ...days.map((one) => [one.day, ...perDay.map((what) => one[what])])],
  clouds: ({ clouds }: Stats) => [
    ["cloud", ...outcomes, "median", "p95"],
    ...clouds.map((one) => [
      one.id,
      ...outcomes.map((what) => one[what]),
      one.seconds?.median ?? null,
      one.seconds?.p95 ?? null,
    ]),
  ],
  regions: ({ months }: Stats) => [
    ["cloud", "region", ...outcomes],
    ...months.regions.map((one) => [one.cloud, one.region, ...outcomes.map((what) => one[what])]),
  ],
  versions: ({ months }: Stats) => [
    ["version", ...outcomes],
    ...months.versions.map((one) => [one.version, ...outcomes.map((what) => one[what])]),
  ],
  sites: ({ months }: Stats) => [["site", "visit"], ...months.sites.map(({ site, visit }) => [site, visit])],
  failures: ({ failures }: Stats) => [
    ["cloud", "count", "last", "fault", "message", "next"],
    ...failures.flatMap(({ clouds, last, fault, message, next }) =>
      clouds.map(({ id, count }) => [id, count, last, fault, message, next]),
    ),
  ],
  times: ({ spread }: Stats) => [["upTo", "count"], ...spread.map(({ upTo, count }) => [upTo, count])],
};
