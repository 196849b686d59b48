import type { Source } from "../../app.ts";
import type { FailureReason } from "../../deployments/failure-reasons.ts";
import type { Db } from "../db.ts";
import { and, between, eq, lte, sql } from "../drizzle.ts";
import { type Countable, durations, reasons } from "../schema.ts";
import { addBreakdown } from "./breakdowns.ts";
import { addCount, dayOf } from "./counts.ts";

/** The dimensions a deployment is counted by; none identifies it. */
export interface Outcome {
  repo: string;
  cloud: string;
  region: string;
  version: string;
}

/** Returns the deployed version as maintainers name it: the tag or branch, else the short commit. */
export const versionOf = ({ ref, commit }: Pick<Source, "ref" | "commit">): string => {
  const name = ref.replace(/^(?:refs\/)?(?:heads|tags)\//, "");
  return name === "" || name === "HEAD" || /^[\da-f]{7,40}$/i.test(name) ? commit.slice(0, 7) : name.slice(0, 100);
};

function add(db: Db, { repo, cloud, region, version }: Outcome, what: Countable, at: Date, by: number) {
  addCount(db, { repo, what, cloud }, at, by);
  addBreakdown(db, { repo, by: "region", value: `${cloud}/${region}`, what }, at, by);
  addBreakdown(db, { repo, by: "version", value: version, what }, at, by);
}

export const countStart = (db: Db, outcome: Outcome, at: Date) => add(db, outcome, "start", at, 1);
export const countRemoval = (db: Db, outcome: Outcome, at: Date) => add(db, outcome, "removal", at, 1);

/** `durationMs`: how long it took. */
export function countSuccess(db: Db, outcome: Outcome, at: Date, durationMs: number): void {
  add(db, outcome, "success", at, 1);
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  db.insert(durations)
    .values({ repo: outcome.repo, day: dayOf(at), cloud: outcome.cloud, seconds, count: 1 })
    .onConflictDoUpdate({
      target: [durations.repo, durations.day, durations.cloud, durations.seconds],
      set: { count: sql`count + 1` },
    })
    .run();
}

export function countFailure(
  db: Db,
  outcome: Outcome,
  at: Date,
  { reason, message, next, fault }: FailureReason,
): void {
  add(db, outcome, "failure", at, 1);
  db.insert(reasons)
    .values({ repo: outcome.repo, day: dayOf(at), cloud: outcome.cloud, reason, count: 1, message, next, fault })
    .onConflictDoUpdate({
      target: [reasons.repo, reasons.day, reasons.cloud, reasons.reason],
      set: { count: sql`count + 1` },
    })
    .run();
}

/** Uncounts a failure that is retried: a deployment counts once, by its final outcome. */
export function uncountFailure(db: Db, outcome: Outcome, at: Date, reason: string | null): void {
  add(db, outcome, "failure", at, -1);
  const sameReason = and(
    eq(reasons.repo, outcome.repo),
    eq(reasons.day, dayOf(at)),
    eq(reasons.cloud, outcome.cloud),
    eq(reasons.reason, reason ?? ""),
  );
  db.update(reasons).set({ count: sql`count - 1` }).where(sameReason).run();
  db.delete(reasons)
    .where(and(sameReason, lte(reasons.count, 0)))
    .run();
}

export const durationsOf = (db: Db, repo: string, from: string, to: string) =>
  db.all<{ cloud: string; seconds: number; count: number }>(
    sql`SELECT cloud, seconds, sum(count) AS count FROM ${durations}
      WHERE repo = ${repo} AND day BETWEEN ${from} AND ${to} GROUP BY cloud, seconds`,
  );

/** Returns failure reasons, most frequent first: each with its latest example and its count per cloud. */
export function reasonsOf(db: Db, repo: string, from: string, to: string) {
  const rows = db
    .select({
      reason: reasons.reason,
      cloud: reasons.cloud,
      count: sql<number>`sum(count)`,
      // SQLite takes the bare columns beside a max() from the row that has the maximum: https://sqlite.org/lang_select.html#bareagg
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
      return [{ ...example, count: clouds.reduce((sum, cloud) => sum + cloud.count, 0), clouds }];
    })
    .sort((a, b) => b.count - a.count || (a.message < b.message ? -1 : 1));
}
