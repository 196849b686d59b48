import type { Db } from "../db.ts";
import { sql } from "../drizzle.ts";
import { type Breakable, breakdowns, type Countable } from "../schema.ts";
import { dayOf } from "./counts.ts";

/** Distinct sites, versions or regions counted per day; strangers could invent any number of them. */
export const maxValues = 100;

export interface BreakdownKey {
  repo: string;
  by: Breakable;
  value: string;
  what: Countable;
}

/** Counts by site, region or version. Values beyond `maxValues` a day are counted under an empty name. */
export function addBreakdown(db: Db, { repo, by, value, what }: BreakdownKey, at: Date, count = 1): void {
  const day = dayOf(at);
  const sameDay = sql`repo = ${repo} AND "by" = ${by} AND day = ${day}`;
  db.run(sql`INSERT INTO ${breakdowns} (repo, "by", day, value, what, count)
    SELECT ${repo}, ${by}, ${day}, CASE
      WHEN EXISTS (SELECT 1 FROM ${breakdowns} WHERE ${sameDay} AND value = ${value}) THEN ${value}
      WHEN (SELECT count(DISTINCT value) FROM ${breakdowns} WHERE ${sameDay}) < ${maxValues} THEN ${value}
      ELSE '' END, ${what}, ${count}
    WHERE true ON CONFLICT DO UPDATE SET count = count + excluded.count`);
}

/** Returns the counts by value and month: whole months, so sameDay two ranges never differ by less than one. */
export const breakdownsOf = (db: Db, repo: string, from: string, to: string) =>
  db.all<{ by: Breakable; value: string; month: string; what: Countable; count: number }>(
    sql`SELECT "by", value, substr(day, 1, 7) AS month, what, sum(count) AS count FROM ${breakdowns}
      WHERE repo = ${repo} AND "by" IN ('region', 'site', 'version') AND day BETWEEN ${`${from.slice(0, 7)}-01`} AND ${`${to.slice(0, 7)}-31`}
      GROUP BY 1, 2, 3, 4 HAVING sum(count) <> 0`,
  );
