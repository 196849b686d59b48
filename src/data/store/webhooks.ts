import type { Db } from "../db.ts";
import { and, asc, eq } from "../drizzle.ts";
import { deliveries, webhooks } from "../schema.ts";

export type Webhook = typeof webhooks.$inferSelect;

export const webhooksOf = (db: Db, repo: string) =>
  db.select().from(webhooks).where(eq(webhooks.repo, repo)).orderBy(asc(webhooks.created), asc(webhooks.id)).all();

export const findWebhook = (db: Db, id: string) => db.select().from(webhooks).where(eq(webhooks.id, id)).get();

/** Returns a repository's enabled webhooks that subscribe to an event type. */
export const webhooksFor = (db: Db, repo: string, type: string) =>
  db
    .select({ id: webhooks.id, types: webhooks.types })
    .from(webhooks)
    .where(and(eq(webhooks.repo, repo), eq(webhooks.on, true)))
    .all()
    .filter(({ types }) => types.includes(type));

export const insertWebhook = (db: Db, webhook: Webhook) => db.insert(webhooks).values(webhook).run();

export const updateWebhook = (db: Db, id: string, change: Partial<Omit<Webhook, "id" | "repo" | "created">>) =>
  db.update(webhooks).set(change).where(eq(webhooks.id, id)).run();

/** Deletes a webhook with its queued deliveries. */
export const deleteWebhook = (db: Db, id: string) => db.delete(webhooks).where(eq(webhooks.id, id)).run();

/** Switches a webhook on or off. Queued deliveries wait while it is off and are due at once when it is on again. */
export const switchWebhook = (db: Db, id: string, { on, reason, at }: { on: boolean; reason: string; at: Date }) =>
  db.transaction(() => {
    updateWebhook(db, id, { on, reason, failing: null });
    db.update(deliveries)
      .set({ next: on ? at : null })
      .where(and(eq(deliveries.webhook, id), eq(deliveries.state, "waiting")))
      .run();
  });
