import type { Db } from "../db.ts";
import { eq, sql } from "../drizzle.ts";
import { watched, webhooks } from "../schema.ts";

export type Watched = typeof watched.$inferSelect;

export const findWatched = (db: Db, repo: string) => db.select().from(watched).where(eq(watched.repo, repo)).get();

export const writeWatched = (db: Db, repo: string, change: Partial<Omit<Watched, "repo">> & Pick<Watched, "seen">) =>
  db
    .insert(watched)
    .values({ repo, ...change })
    .onConflictDoUpdate({ target: watched.repo, set: change })
    .run();

export const writeNext = (db: Db, repo: string, { next, seen }: { next: Date; seen: Date }) =>
  db.insert(watched).values({ repo, next, seen }).onConflictDoUpdate({ target: watched.repo, set: { next } }).run();

/** Returns the repositories with a `manifest.*` webhook that are due for a check, longest overdue first. */
export const dueRepos = (db: Db, now: Date, limit: number) =>
  db
    .select({ repo: webhooks.repo })
    .from(webhooks)
    .leftJoin(watched, eq(watched.repo, webhooks.repo))
    .where(
      sql`${webhooks.on} and ${webhooks.types} like '%"manifest.%' and (${watched.next} is null or ${watched.next} <= ${now.getTime()})`,
    )
    .groupBy(webhooks.repo)
    .orderBy(sql`${watched.next}`)
    .limit(limit)
    .all();

/** Deletes repositories not viewed since a date, unless a webhook subscribes to them. */
export const pruneWatched = (db: Db, before: Date) =>
  db.run(
    sql`delete from ${watched} where ${watched.seen} < ${before.getTime()} and ${watched.repo} not in (select repo from ${webhooks})`,
  );
