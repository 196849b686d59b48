import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { livesThrough } from "../../bench/traffic.ts";
import { truthOf } from "../../bench/truth.ts";
import { openDb } from "../../src/data/db.ts";
import { statsOf } from "../../src/data/store/stats.ts";
import { anApp } from "../harness/apps.ts";
import { aPlan } from "../harness/scripted-cloud.ts";

// bench/year.ts does the same with a whole year: ten million badge loads.

const folder = mkdtempSync(join(tmpdir(), "slipway-year-"));
afterAll(() => rmSync(folder, { recursive: true, maxRetries: 3 }));

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);

/** Rows that come in any order. */
const sorted = <T>(rows: T[]): T[] =>
  rows
    .map((row) => JSON.stringify(row))
    .sort()
    .map((row) => JSON.parse(row));

for (const seed of [1, 2])
  test(`three months of traffic are told exactly as they were (seed ${seed})`, { timeout: 120_000 }, async () => {
    const db = openDb(join(folder, `${seed}.db`));
    const app = anApp();
    const facts = await livesThrough(db, {
      ...{ from: "2025-11-01", days: 92, badges: 20_000, visits: 1500, deployments: 250, seed, app, lines: 5 },
      plan: (cloud, region) => ({ ...aPlan, cloud, region }),
    });
    const { regions, versions, sites, failures, ...truth } = truthOf(facts);
    const stats = statsOf(db, "local/examples/an-app", { from: "2025-11-01", to: "2026-01-31" });
    db.$client.close();

    expect(stats.totals).toEqual(truth.totals);
    expect(stats.totals.start).toBe(250);
    expect(stats.totals.success + stats.totals.failure).toBe(250);
    expect(stats.days).toEqual(truth.days);
    expect(stats.seconds).toEqual(truth.seconds);
    expect(sorted(stats.clouds)).toEqual(sorted(truth.clouds));
    expect(stats.months).toMatchObject({ from: "2025-11-01", to: "2026-01-31" });
    expect(sorted(stats.months.regions)).toEqual(sorted(regions));
    expect(sorted(stats.months.versions)).toEqual(sorted(versions));
    expect(sorted(stats.months.sites)).toEqual(sorted(sites));
    expect(
      sorted(stats.failures.map(({ fault, count, clouds }) => ({ fault, count, clouds: clouds.toSorted(byId) }))),
    ).toEqual(sorted(failures));
    expect(stats.spread.reduce((sum, { count }) => sum + count, 0)).toBe(truth.totals.success);
    expect(JSON.stringify(stats)).not.toContain("123456789012");
    for (const row of [...stats.months.sites, ...stats.months.versions, ...stats.months.regions])
      for (const [what, count] of Object.entries(row))
        if (typeof count === "number" && count > 0 && !Object.values(row).includes(null))
          expect([row, what, count >= 5]).toEqual([row, what, true]);
  });
