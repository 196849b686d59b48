import type { Db } from "../db.ts";
import { sql } from "../drizzle.ts";
import { type Breakable, breakdowns, type Countable } from "../schema.ts";
import { dayOf } from "./counts.ts";

/** How many sites, versions or regions are told apart in a day; strangers could make up any number of them. */
export const mostValues = 100;

export interface Broken {
  repo: string;
  by: Breakable;
  value: string;
  what: Countable;
}

/** Adds to what is counted by site, region or version. Beyond the most that are told apart, to the nameless rest. */
export function addBreakdown(db: Db, { repo, by, value, what }: Broken, at: Date, count = 1): void {
  const day = dayOf(at);
  const that = sql`repo = ${repo} AND "by" = ${by} AND day = ${day}`;
  db.run(sql`INSERT INTO ${breakdowns} (repo, "by", day, value, what, count)
    SELECT ${repo}, ${by}, ${day}, CASE
      WHEN EXISTS (SELECT 1 FROM ${breakdowns} WHERE ${that} AND value = ${value}) THEN ${value}
      WHEN (SELECT count(DISTINCT value) FROM ${breakdowns} WHERE ${that}) < ${mostValues} THEN ${value}
      ELSE '' END, ${what}, ${count}
    WHERE true ON CONFLICT DO UPDATE SET count = count + excluded.count`);
}

/** What was counted, by value and month: whole months, so that two ranges never differ by less than one. */
export const breakdownsOf = (db: Db, repo: string, from: string, to: string) =>
  db.all<{ by: Breakable; value: string; month: string; what: Countable; count: number }>(
    sql`SELECT "by", value, substr(day, 1, 7) AS month, what, sum(count) AS count FROM ${breakdowns}
      WHERE repo = ${repo} AND "by" IN ('region', 'site', 'version') AND day BETWEEN ${`${from.slice(0, 7)}-01`} AND ${`${to.slice(0, 7)}-31`}
      GROUP BY 1, 2, 3, 4 HAVING sum(count) <> 0`,
  );
