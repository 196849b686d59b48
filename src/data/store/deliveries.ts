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

/** The webhooks that something is due for, the one that has waited longest first. */
export const dueWebhooks = (db: Db, now: Date) =>
  db
    .select({ id: webhooks.id, url: webhooks.url, repo: webhooks.repo })
    .from(deliveries)
    .innerJoin(webhooks, eq(webhooks.id, deliveries.webhook))
    .where(sql`${deliveries.next} <= ${now.getTime()}`)
    .groupBy(webhooks.id)
    .orderBy(sql`min(${deliveries.next})`)
    .all();

/** What is due for one of them, in the order in which it happened. */
export const dueDelivery = (db: Db, webhook: string, now: Date) =>
  db
    .select()
    .from(deliveries)
    .where(and(eq(deliveries.webhook, webhook), sql`${deliveries.next} <= ${now.getTime()}`))
    .orderBy(asc(deliveries.next), asc(sql`deliveries.rowid`))
    .limit(1)
    .get();

export const insertAttempt = (db: Db, attempt: Omit<Attempt, "id">) => db.insert(attempts).values(attempt).run();

/** How many attempts of a delivery are shown: the last ones. */
const mostAttempts = 20;

/** The newest of a webhook, each with its last attempts, oldest first. */
export function recentDeliveries(db: Db, webhook: string, most: number): (Delivery & { attempts: Attempt[] })[] {
  const newest = db
    .select()
    .from(deliveries)
    .where(eq(deliveries.webhook, webhook))
    .orderBy(desc(deliveries.created), desc(sql`deliveries.rowid`))
    .limit(most)
    .all();
  const ids = newest.map(({ id }) => id);
  const tried = db.select().from(attempts).where(inArray(attempts.delivery, ids)).orderBy(asc(attempts.id)).all();
  const byDelivery = Map.groupBy(tried, ({ delivery }) => delivery);
  return newest.map((delivery) => ({
    ...delivery,
    attempts: (byDelivery.get(delivery.id) ?? []).slice(-mostAttempts),
  }));
}

export const pruneDeliveries = (db: Db, before: Date) =>
  db.delete(deliveries).where(lt(deliveries.created, before)).run();
