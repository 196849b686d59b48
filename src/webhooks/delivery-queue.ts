import type { Db } from "../data/db.ts";
import { type Delivery, dueDelivery, dueWebhooks } from "../data/store/deliveries.ts";
import { findWebhook, type Webhook } from "../data/store/webhooks.ts";
import type { Seal } from "../identity/seal.ts";
import type { FetchResult, GuardedFetch } from "../network/guarded-fetch.ts";
import { recordAttempt } from "./record-attempt.ts";
import { signatureHeaders } from "./sign.ts";

/** Concurrent deliveries, in total and per host. Each webhook has at most one. */
const maxInFlight = { all: 32, host: 4 };
/** How long a webhook is paused after its attempt could not be stored. */
const backoffMs = 60_000;
/** How long a page or shutdown waits for a delivery. */
const waitMs = 3000;

export interface DeliveryQueueDependencies {
  db: Db;
  seal: Pick<Seal, "open" | "close">;
  fetch: GuardedFetch;
  now: () => Date;
  random: (bytes: number) => Uint8Array;
  log: (message: string, error: unknown) => void;
}

/**
 * Creates the queue that sends due deliveries. A delivery in flight stays in the database, so after a crash it is sent
 * again: at least once, with the same id.
 */
export function createDeliveryQueue({ db, seal, fetch, now, random, log }: DeliveryQueueDependencies) {
  const inFlight = new Map<string, { host: string; done: Promise<void> }>();
  const backingOff = new Set<string>();
  let closed = false;

  const inFlightTo = (host: string) => inFlight.values().reduce((sum, other) => sum + Number(other.host === host), 0);

  /** Runs every second and after each delivery. Never throws, as its callers do not catch. */
  function tick() {
    try {
      sendDue();
    } catch (error) {
      log("webhooks could not be sent", error);
    }
  }

  function sendDue() {
    if (closed || inFlight.size >= maxInFlight.all) return;
    const due = dueWebhooks(db, now()).filter(({ id }) => !inFlight.has(id) && !backingOff.has(id));
    // Hosts with the fewest deliveries in flight go first, so that a slow host delays only its own.
    const ordered = due
      .map((webhook) => ({ ...webhook, host: hostOf(webhook.url) }))
      .sort((a, b) => inFlightTo(a.host) - inFlightTo(b.host));
    for (const { id, host } of ordered) {
      if (inFlight.size >= maxInFlight.all) return;
      if (inFlightTo(host) >= maxInFlight.host) continue;
      const webhook = findWebhook(db, id);
      const delivery = dueDelivery(db, id, now());
      if (webhook && delivery) inFlight.set(id, { host, done: deliver(webhook, delivery) });
    }
  }

  async function deliver(webhook: Webhook, delivery: Delivery) {
    try {
      const at = now();
      const fetched = await send(webhook, delivery, at);
      const milliseconds = Math.max(0, now().getTime() - at.getTime());
      const [chance = 0] = random(1);
      recordAttempt(db, delivery, webhook, { fetched, at, milliseconds, chance: chance / 256 });
      inFlight.delete(webhook.id);
    } catch (error) {
      inFlight.delete(webhook.id);
      if (closed) return;
      log(`webhook ${webhook.id}: the outcome of ${delivery.id} could not be stored`, error);
      backingOff.add(webhook.id);
      setTimeout(() => backingOff.delete(webhook.id), backoffMs).unref();
    }
    tick();
  }

  async function send(webhook: Webhook, { id, body }: Delivery, at: Date): Promise<FetchResult> {
    let headers: Record<string, string>;
    try {
      headers = await signatureHeaders(seal, webhook, { id, body, at });
    } catch (error) {
      log(`webhook ${webhook.id} could not be signed`, error);
      return {
        ok: false,
        reason: "Slipway was started with another SECRET, so it cannot sign. Make a new secret here.",
      };
    }
    headers["content-type"] = "application/json";
    headers["user-agent"] = "Slipway-Webhooks";
    return fetch({ url: webhook.url, method: "POST", headers, body });
  }

  async function idle() {
    while (inFlight.size > 0) await Promise.all([...inFlight.values()].map(({ done }) => done));
  }

  return {
    tick,
    /** Waits until nothing is in flight. */
    idle,
    /** Sends due deliveries and waits briefly for one webhook's. */
    async flush(id: string) {
      tick();
      await withTimeout(inFlight.get(id)?.done);
    },
    /** Stops sending and waits briefly for deliveries in flight; unfinished ones are sent again after the next start. */
    async close() {
      closed = true;
      await withTimeout(idle());
    },
  };
}

async function withTimeout(done: Promise<void> | undefined) {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, waitMs);
  });
  await Promise.race([done, timeout]);
  clearTimeout(timer);
}

const hostOf = (url: string) => URL.parse(url)?.hostname ?? "";
