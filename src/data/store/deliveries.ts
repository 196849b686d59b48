import type { Db } from "../db.ts";
import { and, asc, desc, eq, inArray, lt, sql } from "../drizzle.ts";
import { attempts, deliveries, webhooks } from "../schema.ts";

export type Delivery = typeof deliveries.$inferSelect;
export type Attempt = typeof attempts.$inferSelect;

export const insertDelivery = (db: Db, delivery: typeof deliveries.$inferInsert) =>
  db.insert(deliveries).values(delivery).onConflictDoNothing().run();

export const findDelivery = (db: Db, id: string) => db.select().from(deliveries).where(eq(deliveries.id, id)).get();

export const updateDelivery = (db: Db, id: string, change: Pick<Delivery, "state" | "tries" | "next">) =>
  db.update(deliveries).set(change).where(eq(deliveries.id, id)).run();

/** Returns the webhooks with due deliveries, longest waiting first. */
export const dueWebhooks = (db: Db, now: Date) =>
  db
    .select({ id: webhooks.id, url: webhooks.url, repo: webhooks.repo })
    .from(deliveries)
    .innerJoin(webhooks, eq(webhooks.id, deliveries.webhook))
    .where(sql`${deliveries.next} <= ${now.getTime()}`)
    .groupBy(webhooks.id)
    .orderBy(sql`min(${deliveries.next})`)
    .all();

/** Returns a webhook's next due delivery, in the order of the events. */
export const dueDelivery = (db: Db, webhook: string, now: Date) =>
  db
    .select()
    .from(deliveries)
    .where(and(eq(deliveries.webhook, webhook), sql`${deliveries.next} <= ${now.getTime()}`))
    .orderBy(asc(deliveries.next), asc(sql`deliveries.rowid`))
    .limit(1)
    .get();

export const insertAttempt = (db: Db, attempt: Omit<Attempt, "id">) => db.insert(attempts).values(attempt).run();

/** Attempts shown per delivery, latest ones. */
const maxAttempts = 20;

/** Returns a webhook's newest deliveries, each with its last attempts, oldest attempt first. */
export function recentDeliveries(db: Db, webhook: string, limit: number): (Delivery & { attempts: Attempt[] })[] {
  const newest = db
    .select()
    .from(deliveries)
    .where(eq(deliveries.webhook, webhook))
    .orderBy(desc(deliveries.created), desc(sql`deliveries.rowid`))
    .limit(limit)
    .all();
  const ids = newest.map(({ id }) => id);
  const rows = db.select().from(attempts).where(inArray(attempts.delivery, ids)).orderBy(asc(attempts.id)).all();
  const byDelivery = Map.groupBy(rows, ({ delivery }) => delivery);
  return newest.map((delivery) => ({
    ...delivery,
    attempts: (byDelivery.get(delivery.id) ?? []).slice(-maxAttempts),
  }));
}

export const pruneDeliveries = (db: Db, before: Date) =>
  db.delete(deliveries).where(lt(deliveries.created, before)).run();
