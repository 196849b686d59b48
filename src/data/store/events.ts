import type { Db } from "../db.ts";
import { and, asc, desc, eq, gt, inArray, sql } from "../drizzle.ts";
import { events } from "../schema.ts";

export type EventRow = typeof events.$inferSelect;

/** Inserts an event and returns it with its id. Ids only grow. */
export const insertEvent = (db: Db, event: Omit<EventRow, "id">) => db.insert(events).values(event).returning().get();

export const eventsAfter = (db: Db, deployment: string, id: number, limit: number) =>
  db
    .select()
    .from(events)
    .where(and(eq(events.deployment, deployment), gt(events.id, id)))
    .orderBy(asc(events.id))
    .limit(limit)
    .all();

/** Returns the last lines of the log, oldest first. */
export const lastLines = (db: Db, deployment: string, limit: number) =>
  db
    .select({ data: events.data })
    .from(events)
    .where(and(eq(events.deployment, deployment), eq(events.type, "log")))
    .orderBy(desc(events.id))
    .limit(limit)
    .all()
    .reverse()
    .map((row) => (JSON.parse(row.data) as { line: string }).line);

/** Returns how many lines a deployment's log has, their size in bytes of JSON, and whether `line` is among them. */
export function storedLog(db: Db, deployment: string, line: string): { lines: number; bytes: number; has: boolean } {
  const data = JSON.stringify({ line });
  const row = db
    .select({
      lines: sql<number>`count(*)`,
      bytes: sql<number>`coalesce(sum(length(${events.data})), 0)`,
      has: sql<number>`coalesce(max(${events.data} = ${data}), 0)`,
    })
    .from(events)
    .where(and(eq(events.deployment, deployment), eq(events.type, "log")))
    .get();
  return { lines: row?.lines ?? 0, bytes: row?.bytes ?? 0, has: row?.has === 1 };
}

export const lastEventId = (db: Db, deployment: string) =>
  db
    .select({ id: events.id })
    .from(events)
    .where(eq(events.deployment, deployment))
    .orderBy(desc(events.id))
    .limit(1)
    .get()?.id ?? 0;

/** Returns the state that the deployment last entered: running or removing. */
export const lastStartedState = (db: Db, deployment: string): "running" | "removing" => {
  const startStates = ["running", "removing"].map((state) => JSON.stringify({ state }));
  const last = db
    .select({ data: events.data })
    .from(events)
    .where(and(eq(events.deployment, deployment), eq(events.type, "state"), inArray(events.data, startStates)))
    .orderBy(desc(events.id))
    .limit(1)
    .get();
  return last?.data === startStates[1] ? "removing" : "running";
};

/** Returns the number of the current attempt and when it started. */
export const attemptsOf = (db: Db, deployment: string): { attempt: number; began: Date | null } => {
  const running = JSON.stringify({ state: "running" });
  const starts = db
    .select({ at: events.at })
    .from(events)
    .where(and(eq(events.deployment, deployment), eq(events.type, "state"), eq(events.data, running)))
    .orderBy(asc(events.id))
    .all();
  return { attempt: Math.max(1, starts.length), began: starts.at(-1)?.at ?? null };
};

/** Deletes log and step events; state events stay. */
export const deleteEvents = (db: Db, deployment: string) =>
  db
    .delete(events)
    .where(and(eq(events.deployment, deployment), inArray(events.type, ["log", "step"])))
    .run();
