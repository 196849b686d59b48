import type { Db } from "../data/db.ts";
import { type Delivery, insertAttempt, updateDelivery } from "../data/store/deliveries.ts";
import { findWebhook, switchWebhook, updateWebhook, type Webhook } from "../data/store/webhooks.ts";
import type { FetchResult } from "../network/guarded-fetch.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Delay after each failed attempt, in ms: slightly more than a day in total. */
export const retryDelays = [5 * second, minute, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 8 * hour, 9 * hour];
/** Random fraction added to each delay, so that deliveries that failed together are not retried together. */
const jitter = 0.2;

interface AttemptResult {
  fetched: FetchResult;
  at: Date;
  milliseconds: number;
  /** From 0 to 1. */
  chance: number;
}

/** Stores an attempt's outcome and updates the delivery and its webhook. */
export function recordAttempt(db: Db, delivery: Delivery, webhook: Pick<Webhook, "id">, result: AttemptResult) {
  const { fetched, at, milliseconds, chance } = result;
  const status = fetched.ok ? fetched.status : null;
  const answer = fetched.ok ? printable(fetched.body) : fetched.reason;
  db.transaction(() => {
    // The webhook may have been deleted or switched off during the request.
    const current = findWebhook(db, webhook.id);
    if (!current) return;
    insertAttempt(db, { delivery: delivery.id, at, milliseconds, status, answer });
    const end = (state: Delivery["state"], next: Date | null = null) =>
      updateDelivery(db, delivery.id, { state, tries: delivery.tries + 1, next });
    const switchOff = (reason: string) => switchWebhook(db, webhook.id, { on: false, reason, at });

    if (status !== null && status >= 200 && status < 300) {
      end("delivered");
      if (current.failing) updateWebhook(db, webhook.id, { failing: null });
      return;
    }
    if (status === 410) {
      end("given up");
      if (current.on) switchOff("It answered 410 Gone, which says that nobody wants to hear of this any more.");
      return;
    }
    if (delivery.type === "ping") return void end("given up");
    const failing = current.failing ?? at;
    if (!current.failing) updateWebhook(db, webhook.id, { failing });
    const delay = retryDelays[delivery.tries];
    const next = delay === undefined ? null : new Date(at.getTime() + delay * (1 + jitter * chance));
    end(next ? "waiting" : "given up", current.on ? next : null);
    if (current.on && at.getTime() - failing.getTime() >= day) switchOff("For a whole day nothing arrived there.");
  });
}

/** Decodes text without control and invisible characters. */
const printable = (body: Buffer) => body.toString("utf8").replace(/[^\P{C}\n\t]/gu, "");
