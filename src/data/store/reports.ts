import type { Db } from "../db.ts";
import { and, asc, eq, isNull, lt, lte, or, sql } from "../drizzle.ts";
import { reports } from "../schema.ts";

export type Report = typeof reports.$inferSelect;

export const insertReport = (db: Db, report: Pick<Report, "repo" | "reason" | "text" | "at">) =>
  db.insert(reports).values(report).run();

/** Returns the open reports, oldest first. */
export const openReports = (db: Db, limit: number) =>
  db.select().from(reports).where(isNull(reports.closed)).orderBy(asc(reports.id)).limit(limit).all();

/** Counts the open reports about one repository, or about all. */
export const countOpenReports = (db: Db, repo?: string): number =>
  db
    .select({ n: sql<number>`count(*)` })
    .from(reports)
    .where(and(repo === undefined ? undefined : eq(reports.repo, repo), isNull(reports.closed)))
    .get()?.n ?? 0;

/** Closes all reports about a repository, or about all of an owner's. */
export const closeReports = (db: Db, name: string, closed: Date) => {
  const ownedBy = sql`substr(${reports.repo}, 1, ${name.length + 1}) = ${`${name}/`}`;
  db.update(reports)
    .set({ closed })
    .where(and(or(eq(reports.repo, name), ownedBy), isNull(reports.closed)))
    .run();
};

/** Closes the open reports with this id or a lower one. */
export const closeReportsThrough = (db: Db, id: number, closed: Date) =>
  db
    .update(reports)
    .set({ closed })
    .where(and(lte(reports.id, id), isNull(reports.closed)))
    .run();

export const pruneReports = (db: Db, closedBefore: Date) =>
  db.delete(reports).where(lt(reports.closed, closedBefore)).run();
