import type { Db } from "../db.ts";
import { and, eq, sql } from "../drizzle.ts";
import { type Countable, counts } from "../schema.ts";

export interface CountKey {
  repo: string;
  what: Countable;
  cloud?: string;
}

/** Returns the day something is counted under: `2026-11-22`, in UTC. */
export const dayOf = (at: Date) => at.toISOString().slice(0, 10);

export const addCount = (db: Db, { repo, what, cloud = "" }: CountKey, at: Date, by = 1) =>
  counter(db)({ repo, what, cloud }, at, by);

/** Prepares `addCount` once for many calls: a second of badge loads can be a thousand repositories. */
export function counter(db: Db) {
  const add = db
    .insert(counts)
    .values({
      repo: sql.placeholder("repo"),
      day: sql.placeholder("day"),
      cloud: sql.placeholder("cloud"),
      what: sql.placeholder("what"),
      count: sql.placeholder("by"),
    })
    .onConflictDoUpdate({
      target: [counts.repo, counts.day, counts.cloud, counts.what],
      set: { count: sql`count + excluded.count` },
    })
    .prepare();
  return ({ repo, what, cloud = "" }: CountKey, at: Date, by = 1) => add.run({ repo, what, cloud, day: dayOf(at), by });
}

/** Returns the counts of a range of days, inclusive, oldest first. Rows are not mapped: a year is thousands of them. */
export const countsOf = (db: Db, repo: string, from: string, to: string) =>
  db.all<{ day: string; cloud: string; what: Countable; count: number }>(
    sql`SELECT day, cloud, what, count FROM ${counts} WHERE repo = ${repo} AND day BETWEEN ${from} AND ${to} ORDER BY day`,
  );

/** Returns the first day with a count; null if there is none. */
export const firstCounted = (db: Db, repo: string) =>
  db.select({ day: sql<string | null>`min(day)` }).from(counts).where(eq(counts.repo, repo)).get()?.day ?? null;

/** Returns the number of successful installs, over all clouds and days. */
export const installsOf = (db: Db, repo: string) =>
  db
    .select({ n: sql<number>`coalesce(sum(count), 0)` })
    .from(counts)
    .where(and(eq(counts.repo, repo), eq(counts.what, "success")))
    .get()?.n ?? 0;
