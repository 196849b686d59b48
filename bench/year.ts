// A year of a busy repository, and how its page tells it: `node bench/year.ts`
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { aws as amazon } from "../src/clouds/aws/index.ts";
import { openDb } from "../src/data/db.ts";
import { createInspector } from "../src/repositories/inspect.ts";
import { localRepositories } from "../src/repositories/local-folders.ts";
import { unreachableDependencies } from "../test/clouds/aws/unreachable.ts";
import { median, verdict } from "./compare.ts";
import { root, startSlipway } from "./servers.ts";
import { livesThrough } from "./traffic.ts";
import { truthOf } from "./truth.ts";

const range = { from: "2025-11-01", to: "2026-10-31" };
const folder = mkdtempSync(join(tmpdir(), "slipway-year-"));
const file = join(folder, "slipway.db");

// What is deployed is as large as it is in life: AWS's template of a web process with a worker, Postgres and Redis.
const local = localRepositories([join(root, "examples")], Date.now);
const look = await createInspector(local)({ host: "local", owner: "examples", repo: "guestbook", path: "" });
const app = look.ok ? look.reading.app : null;
const aws = amazon(unreachableDependencies);
if (!app) throw new Error("examples/guestbook cannot be deployed to AWS");
const plan = aws.compile(app, { region: "us-east-1", preset: "standard" });

const startedAt = performance.now();
const db = openDb(file);
const facts = await livesThrough(db, {
  ...{ from: range.from, days: 365, badges: 10_000_000, visits: 200_000, deployments: 5000, seed: 1, app, lines: 200 },
  plan: (cloud, region) => ({ ...plan, cloud, region }),
});
db.$client.close();
const truth = truthOf(facts);
console.log(
  `a year lived through in ${((performance.now() - startedAt) / 1000).toFixed(0)} s:`,
  JSON.stringify(truth.totals),
);
const size = statSync(file).size / 1e6;
console.log(
  `database         ${size.toFixed(0)} MB, each plan ${(JSON.stringify(plan).length / 1e3).toFixed(0)} kB${verdict(size <= 200, "at most 200 MB")}`,
);

const slipway = await startSlipway({ data: folder, probe: "/" });
const page = `${slipway.url}/local/examples/guestbook/stats`;
const query = `?${new URLSearchParams(range)}`;
type Told = typeof truth & { months: Pick<typeof truth, "regions" | "versions" | "sites"> };
const { months, ...shown } = (await (await fetch(`${page}.json${query}`)).json()) as Told;

/** Rows without an order among them, the same columns in each. */
const rows = (of: object[], ...columns: string[]) =>
  of
    .map((row) => JSON.stringify(columns.map((column) => (row as Record<string, unknown>)[column])))
    .sort()
    .join("\n");
const outcomes = ["start", "success", "failure", "removal"];
const right = {
  totals: isDeepStrictEqual(shown.totals, truth.totals),
  days: isDeepStrictEqual(shown.days, truth.days),
  times: isDeepStrictEqual(shown.seconds, truth.seconds),
  clouds: rows(shown.clouds, "id", ...outcomes, "seconds") === rows(truth.clouds, "id", ...outcomes, "seconds"),
  regions: rows(months.regions, "cloud", "region", ...outcomes) === rows(truth.regions, "cloud", "region", ...outcomes),
  versions: rows(months.versions, "version", ...outcomes) === rows(truth.versions, "version", ...outcomes),
  sites: rows(months.sites, "site", "visit") === rows(truth.sites, "site", "visit"),
  failures: rows(shown.failures, "fault", "count") === rows(truth.failures, "fault", "count"),
};
for (const [what, is] of Object.entries(right)) console.log(`${what.padEnd(16)} as they were${verdict(is, "exactly")}`);

async function timed(url: string): Promise<number> {
  const since = performance.now();
  const answer = await fetch(url, { headers: { accept: "text/html" } });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return performance.now() - since;
}
const series = async (url: string) => {
  const durations: number[] = [];
  for (let i = 0; i < 40; i++) durations.push(await timed(url));
  return median(durations.slice(10));
};
const [year, month, chart] = [
  await series(page + query),
  await series(`${page}?from=2026-10-01&to=2026-10-31`),
  await series(`${page}/outcomes.svg${query}`),
];
console.log(`page, a year     ${year.toFixed(1)} ms at the median${verdict(year < 50, "under 50 ms")}`);
console.log(`page, a month    ${month.toFixed(1)} ms${verdict(month < 50, "under 50 ms")}`);
console.log(`chart, a year    ${chart.toFixed(1)} ms${verdict(chart < 50, "under 50 ms")}`);
await slipway.stop();
rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
