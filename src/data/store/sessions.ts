import type { Db } from "../db.ts";
import { desc, eq, lte, or } from "../drizzle.ts";
import { sessions } from "../schema.ts";

export type SessionRow = typeof sessions.$inferSelect;

export const insertSession = (db: Db, row: SessionRow) => db.insert(sessions).values(row).run();

export const findSession = (db: Db, id: string) => db.select().from(sessions).where(eq(sessions.id, id)).get();

/** Returns a user's sessions, newest first. */
export const sessionsOfUser = (db: Db, user: number) =>
  db.select().from(sessions).where(eq(sessions.user, user)).orderBy(desc(sessions.created)).all();

export const touchSession = (db: Db, id: string, used: Date) =>
  db.update(sessions).set({ used }).where(eq(sessions.id, id)).run();

export const deleteSession = (db: Db, id: string) => db.delete(sessions).where(eq(sessions.id, id)).run();

/** Deletes sessions last used, or created, by the given dates. */
export const deleteStaleSessions = (db: Db, usedBefore: Date, createdBefore: Date) =>
  db
    .delete(sessions)
    .where(or(lte(sessions.used, usedBefore), lte(sessions.created, createdBefore)))
    .run();
