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

/** Returns a repository's stats, or the response to send instead. Only maintainers see them unless they are public. */
async function loadStats(c: Context, context: AppContext) {
  const { db, inspect, now } = context;
  const checked = addressFromUrl(c);
  if (!checked.ok) {
    const [note] = checked.problems;
    return note ? respondProblem(c, { kind: "invalid", note }) : c.notFound();
  }
  const { ref: _, ...rest } = checked.value;
  const address: Address = { ...rest, path: "" };
  // Only this machine can reach the server, so the visitor is its owner.
  const isLocalOwner = address.host === "local" && isLoopback(context.config.origin);
  const maintainer = isLocalOwner ? null : await requireMaintainer(c, context, address);
  const isPublic = isLocalOwner || (maintainer instanceof Response && (await arePublic(context, address)));
  if (maintainer instanceof Response && !isPublic) return maintainer;
  let repo = repositoryId(address);
  let first = firstCounted(db, repo);
  if (first === null) {
    // GitHub ignores the case of a name; visits are counted under its own spelling.
    const inspection = await inspect(address);
    if (inspection.ok) repo = repositoryId(inspection.snapshot.address);
    first = firstCounted(db, repo);
  }
  const today = dayOf(now());
  const { preset, ...range } = rangeOf(c.req.query(), { today, first });
  const signedIn = maintainer instanceof Response ? undefined : maintainer?.login;
  return { repo, path: addressPath(address), today, preset, stats: statsOf(db, repo, range), isPublic, signedIn };
}

/** Returns whether the maintainers made the stats public, on the settings page or in the manifest. */
async function arePublic({ inspect, settingsOf }: AppContext, address: Address): Promise<boolean> {
  const setting = settingsOf(repositoryId(address))?.settings.stats;
  if (setting !== undefined) return setting === "public";
  const inspection = await inspect(address);
  return inspection.ok && inspection.settings.stats === "public";
}

/** Serves a repository's stats as a page, JSON and CSV. */
export const statsRoutes = (context: AppContext) => {
  const cloudOf = (id: string) => ({
    name: context.clouds.find((cloud) => cloud.id === id)?.name ?? id,
    mark: context.badgeClouds.find((cloud) => cloud.id === id),
  });
  const acquireExport = createConnectionLimit({ total: 64, network: 4 });
  return new Hono()
    .get("/:host/:owner/:repo/stats", async (c) => {
      const loaded = await loadStats(c, context);
      if (loaded instanceof Response) return loaded;
      c.header("Cache-Control", "no-store");
      return respond(
        c,
        () => statsJson(loaded),
        () => statsPage({ assets, cloudOf, ...loaded }),
      );
    })
    .get("/:host/:owner/:repo/stats.json", async (c) => {
      const loaded = await loadStats(c, context);
      return loaded instanceof Response ? loaded : c.json(statsJson(loaded));
    })
    .get("/:host/:owner/:repo/stats.csv", async (c) => {
      const loaded = await loadStats(c, context);
      if (loaded instanceof Response) return loaded;
      const requested = c.req.query("table") ?? "days";
      const table = Object.hasOwn(tables, requested) ? (requested as keyof typeof tables) : "days";
      const headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": `attachment; filename="${loaded.repo.replaceAll("/", "-")}-${table}.csv"`,
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
      return c.body(pagedBody(csvPages(tables[table](loaded.stats)), release), 200, headers);
    });
};

/** Serves the charts of the page. Registered before the pages' security headers: images have their own. */
export const chartRoutes = (context: AppContext) =>
  new Hono().get("/:host/:owner/:repo/stats/:name{[a-z]+\\.svg}", async (c, next) => {
    // Loads the chart library on first use.
    const { drawChart, isChartName } = await import("../../views/stats/charts/index.ts");
    const name = c.req.param("name").slice(0, -".svg".length);
    if (!isChartName(name)) return next();
    const loaded = await loadStats(c, context);
    if (loaded instanceof Response) return c.body(null, loaded.status as 403);
    const svg = await drawChart(name, loaded.stats, c.req.query("size") === "small" ? "small" : "wide");
    return c.body(svg, 200, {
      "Content-Type": "image/svg+xml; charset=utf-8",
      "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      "Cross-Origin-Resource-Policy": "same-origin",
      "X-Content-Type-Options": "nosniff",
      "Cache-Control": "private, max-age=60",
    });
  });

const statsJson = ({ repo, stats }: { repo: string; stats: Stats }) => ({ repo, ...stats });

const outcomes = ["start", "success", "failure", "removal"] as const;
const perDay = ["badge", "visit", ...outcomes, "proxy", "ignoredBadge", "ignoredVisit"] as const;

/** The tables of the CSV export. */
const tables = {
  days: ({ days }: Stats) => [
    ["day", ...perDay],
    ...days.map((row) => [row.day, ...perDay.map((column) => row[column])]),
  ],
  clouds: ({ clouds }: Stats) => [
    ["cloud", ...outcomes, "median", "p95"],
    ...clouds.map((cloud) => [
      cloud.id,
      ...outcomes.map((outcome) => cloud[outcome]),
      cloud.seconds?.median ?? null,
      cloud.seconds?.p95 ?? null,
    ]),
  ],
  regions: ({ months }: Stats) => [
    ["cloud", "region", ...outcomes],
    ...months.regions.map((row) => [row.cloud, row.region, ...outcomes.map((outcome) => row[outcome])]),
  ],
  versions: ({ months }: Stats) => [
    ["version", ...outcomes],
    ...months.versions.map((row) => [row.version, ...outcomes.map((outcome) => row[outcome])]),
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
