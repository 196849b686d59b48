import type { Db } from "../db.ts";
import { and, asc, desc, eq, gt, inArray } from "../drizzle.ts";
import { events } from "../schema.ts";

export type EventRow = typeof events.$inferSelect;

/** Writes one event and gives it back with its id, which only ever grows. */
export const insertEvent = (db: Db, event: Omit<EventRow, "id">) => db.insert(events).values(event).returning().get();

export const eventsAfter = (db: Db, deployment: string, id: number, most: number) =>
  db
    .select()
    .from(events)
    .where(and(eq(events.deployment, deployment), gt(events.id, id)))
    .orderBy(asc(events.id))
    .limit(most)
    .all();

/** The last lines of the log, oldest first. */
export const lastLines = (db: Db, deployment: string, most: number) =>
  db
    .select({ data: events.data })
    .from(events)
    .where(and(eq(events.deployment, deployment), eq(events.type, "log")))
    .orderBy(desc(events.id))
    .limit(most)
    .all()
    .reverse()
    .map((row) => (JSON.parse(row.data) as { line: string }).line);

export const lastEventId = (db: Db, deployment: string) =>
  db
    .select({ id: events.id })
    .from(events)
    .where(eq(events.deployment, deployment))
    .orderBy(desc(events.id))
    .limit(1)
    .get()?.id ?? 0;

/** What a deployment last set out to do, as its events tell. */
export const lastStartedState = (db: Db, deployment: string): "running" | "removing" => {
  const begun = ["running", "removing"].map((state) => JSON.stringify({ state }));
  const last = db
    .select({ data: events.data })
    .from(events)
    .where(and(eq(events.deployment, deployment), eq(events.type, "state"), inArray(events.data, begun)))
    .orderBy(desc(events.id))
    .limit(1)
    .get();
  return last?.data === begun[1] ? "removing" : "running";
};

/** How often a deployment was begun, and when last. */
export const attemptsOf = (db: Db, deployment: string): { attempt: number; began: Date | null } => {
  const begun = JSON.stringify({ state: "running" });
  const all = db
    .select({ at: events.at })
    .from(events)
    .where(and(eq(events.deployment, deployment), eq(events.type, "state"), eq(events.data, begun)))
    .orderBy(asc(events.id))
    .all();
  return { attempt: Math.max(1, all.length), began: all.at(-1)?.at ?? null };
};

/** Forgets what was said, save how the deployment began and ended. */
export const deleteEvents = (db: Db, deployment: string) =>
  db
    .delete(events)
    .where(and(eq(events.deployment, deployment), inArray(events.type, ["log", "step"])))
    .run();
