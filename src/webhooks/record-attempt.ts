import type { Db } from "../data/db.ts";
import { type Delivery, insertAttempt, updateDelivery } from "../data/store/deliveries.ts";
import { findWebhook, switchWebhook, updateWebhook, type Webhook } from "../data/store/webhooks.ts";
import type { FetchResult } from "../network/guarded-fetch.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** How long is waited after each failure, in ms: a day altogether, and a little more. */
export const retryDelays = [5 * second, minute, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 8 * hour, 9 * hour];
/** Up to this part of it is added by chance, so that those who failed together do not come back together. */
const jitter = 0.2;

interface Came {
  fetched: FetchResult;
  at: Date;
  milliseconds: number;
  /** From 0 to 1. */
  chance: number;
}

/** Writes down what an attempt came to, and what follows from it for the delivery and its webhook. */
export function recordAttempt(db: Db, delivery: Delivery, webhook: Pick<Webhook, "id">, came: Came) {
  const { fetched, at, milliseconds, chance } = came;
  const status = fetched.ok ? fetched.status : null;
  const answer = fetched.ok ? readable(fetched.body) : fetched.reason;
  db.transaction(() => {
    // It may have been deleted, or switched off, while the answer was on its way.
    const now = findWebhook(db, webhook.id);
    if (!now) return;
    insertAttempt(db, { delivery: delivery.id, at, milliseconds, status, answer });
    const end = (state: Delivery["state"], next: Date | null = null) =>
      updateDelivery(db, delivery.id, { state, tries: delivery.tries + 1, next });
    const switchOff = (reason: string) => switchWebhook(db, webhook.id, { on: false, reason, at });

    if (status !== null && status >= 200 && status < 300) {
      end("delivered");
      if (now.failing) updateWebhook(db, webhook.id, { failing: null });
      return;
    }
    if (status === 410) {
      end("given up");
      if (now.on) switchOff("It answered 410 Gone, which says that nobody wants to hear of this any more.");
      return;
    }
    if (delivery.type === "ping") return void end("given up");
    const failing = now.failing ?? at;
    if (!now.failing) updateWebhook(db, webhook.id, { failing });
    const wait = retryDelays[delivery.tries];
    const next = wait === undefined ? null : new Date(at.getTime() + wait * (1 + jitter * chance));
    end(next ? "waiting" : "given up", now.on ? next : null);
    if (now.on && at.getTime() - failing.getTime() >= day) switchOff("For a whole day nothing arrived there.");
  });
}

/** Text as far as it is text: what shows nothing, or would move the cursor, is left out. */
const readable = (body: Buffer) => body.toString("utf8").replace(/[^\P{C}\n\t]/gu, "");
