import type { Source } from "../../app.ts";
import type { FailureReason } from "../../deployments/failure-reasons.ts";
import type { Db } from "../db.ts";
import { and, between, eq, lte, sql } from "../drizzle.ts";
import { type Countable, durations, reasons } from "../schema.ts";
import { addBreakdown } from "./breakdowns.ts";
import { addCount, dayOf } from "./counts.ts";

/** What of a deployment is counted: nothing that leads to it. */
export interface Outcome {
  repo: string;
  cloud: string;
  region: string;
  version: string;
}

/** What was deployed, as maintainers name it: the tag or branch, else the commit. */
export const versionOf = ({ ref, commit }: Pick<Source, "ref" | "commit">): string => {
  const name = ref.replace(/^(?:refs\/)?(?:heads|tags)\//, "");
  return name === "" || name === "HEAD" || /^[\da-f]{7,40}$/i.test(name) ? commit.slice(0, 7) : name.slice(0, 100);
};

function add(db: Db, { repo, cloud, region, version }: Outcome, what: Countable, at: Date, by: number) {
  addCount(db, { repo, what, cloud }, at, by);
  addBreakdown(db, { repo, by: "region", value: `${cloud}/${region}`, what }, at, by);
  addBreakdown(db, { repo, by: "version", value: version, what }, at, by);
}

export const countStart = (db: Db, of: Outcome, at: Date) => add(db, of, "start", at, 1);
export const countRemoval = (db: Db, of: Outcome, at: Date) => add(db, of, "removal", at, 1);

/** `took`: in milliseconds. */
export function countSuccess(db: Db, of: Outcome, at: Date, took: number): void {
  add(db, of, "success", at, 1);
  const seconds = Math.max(0, Math.round(took / 1000));
  db.insert(durations)
    .values({ repo: of.repo, day: dayOf(at), cloud: of.cloud, seconds, count: 1 })
    .onConflictDoUpdate({
      target: [durations.repo, durations.day, durations.cloud, durations.seconds],
      set: { count: sql`count + 1` },
    })
    .run();
}

export function countFailure(db: Db, of: Outcome, at: Date, { reason, message, next, fault }: FailureReason): void {
  add(db, of, "failure", at, 1);
  db.insert(reasons)
    .values({ repo: of.repo, day: dayOf(at), cloud: of.cloud, reason, count: 1, message, next, fault })
    .onConflictDoUpdate({
      target: [reasons.repo, reasons.day, reasons.cloud, reasons.reason],
      set: { count: sql`count + 1` },
    })
    .run();
}

/** A failure that is tried again was none: a deployment counts once, by how it ended. */
export function uncountFailure(db: Db, of: Outcome, at: Date, reason: string | null): void {
  add(db, of, "failure", at, -1);
  const one = and(
    eq(reasons.repo, of.repo),
    eq(reasons.day, dayOf(at)),
    eq(reasons.cloud, of.cloud),
    eq(reasons.reason, reason ?? ""),
  );
  db.update(reasons).set({ count: sql`count - 1` }).where(one).run();
  db.delete(reasons)
    .where(and(one, lte(reasons.count, 0)))
    .run();
}

export const durationsOf = (db: Db, repo: string, from: string, to: string) =>
  db.all<{ cloud: string; seconds: number; count: number }>(
    sql`SELECT cloud, seconds, sum(count) AS count FROM ${durations}
      WHERE repo = ${repo} AND day BETWEEN ${from} AND ${to} GROUP BY cloud, seconds`,
  );

/** Most frequent first: each with its latest example, and how often it was on which cloud. */
export function reasonsOf(db: Db, repo: string, from: string, to: string) {
  const rows = db
    .select({
      reason: reasons.reason,
      cloud: reasons.cloud,
      count: sql<number>`sum(count)`,
      // SQLite gives what stands beside a max() from the row that has it: https://sqlite.org/lang_select.html#bareagg
      last: sql<string>`max(day)`,
      message: reasons.message,
      next: reasons.next,
      fault: reasons.fault,
    })
    .from(reasons)
    .where(and(eq(reasons.repo, repo), between(reasons.day, from, to)))
    .groupBy(reasons.reason, reasons.cloud)
    .orderBy(sql`sum(count) DESC`, reasons.cloud)
    .all();
  const kinds = Map.groupBy(rows, ({ reason }) => reason);
  return [...kinds.values()]
    .flatMap((kind) => {
      const latest = kind.toSorted((a, b) => (a.last < b.last ? 1 : -1))[0];
      if (!latest) return [];
      const { reason: _, cloud: __, ...example } = latest;
      const clouds = kind.map(({ cloud, count }) => ({ id: cloud, count }));
      return [{ ...example, count: clouds.reduce((sum, one) => sum + one.count, 0), clouds }];
    })
    .sort((a, b) => b.count - a.count || (a.message < b.message ? -1 : 1));
}
