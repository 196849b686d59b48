import type { Db } from "../data/db.ts";
import { type Delivery, dueDelivery, dueWebhooks } from "../data/store/deliveries.ts";
import { findWebhook, type Webhook } from "../data/store/webhooks.ts";
import type { Seal } from "../identity/seal.ts";
import type { FetchResult, GuardedFetch } from "../network/guarded-fetch.ts";
import { recordAttempt } from "./record-attempt.ts";
import { signatureHeaders } from "./sign.ts";

/** How many are on their way at once: altogether, and to one host. Each webhook has one at a time. */
const most = { all: 32, host: 4 };
/** How long a webhook rests when what came of it could not be written down, in ms. */
const rest = 60_000;
/** How long a page, or the end of the process, waits for an answer, in ms. */
const patience = 3000;

export interface Needs {
  db: Db;
  seal: Pick<Seal, "open" | "close">;
  fetch: GuardedFetch;
  now: () => Date;
  random: (bytes: number) => Uint8Array;
  log: (message: string, error: unknown) => void;
}

/**
 * Sends what is due. What is on its way is also still in the database, so whatever happens to this process it is sent
 * again: at least once, under the same id.
 */
export function createDeliveryQueue({ db, seal, fetch, now, random, log }: Needs) {
  const flying = new Map<string, { host: string; done: Promise<void> }>();
  const resting = new Set<string>();
  let closed = false;

  const toHost = (host: string) => flying.values().reduce((sum, one) => sum + Number(one.host === host), 0);

  /** Called every second and when one has landed, where nobody would catch what it throws. */
  function tick() {
    try {
      sendDue();
    } catch (error) {
      log("webhooks could not be sent", error);
    }
  }

  function sendDue() {
    if (closed || flying.size >= most.all) return;
    const waiting = dueWebhooks(db, now()).filter(({ id }) => !flying.has(id) && !resting.has(id));
    // Those whose host has least on its way go first: who answers slowly is waited for by nobody else.
    const ordered = waiting
      .map((webhook) => ({ ...webhook, host: hostOf(webhook.url) }))
      .sort((a, b) => toHost(a.host) - toHost(b.host));
    for (const { id, host } of ordered) {
      if (flying.size >= most.all) return;
      if (toHost(host) >= most.host) continue;
      const webhook = findWebhook(db, id);
      const delivery = dueDelivery(db, id, now());
      if (webhook && delivery) flying.set(id, { host, done: fly(webhook, delivery) });
    }
  }

  async function fly(webhook: Webhook, delivery: Delivery) {
    try {
      const at = now();
      const fetched = await send(webhook, delivery, at);
      const milliseconds = Math.max(0, now().getTime() - at.getTime());
      const [chance = 0] = random(1);
      recordAttempt(db, delivery, webhook, { fetched, at, milliseconds, chance: chance / 256 });
      flying.delete(webhook.id);
    } catch (error) {
      flying.delete(webhook.id);
      if (closed) return;
      log(`webhook ${webhook.id}: what came of ${delivery.id} could not be written`, error);
      resting.add(webhook.id);
      setTimeout(() => resting.delete(webhook.id), rest).unref();
    }
    tick();
  }

  async function send(webhook: Webhook, { id, body }: Delivery, at: Date): Promise<FetchResult> {
    let headers: Record<string, string>;
    try {
      headers = await signatureHeaders(seal, webhook, { id, body, at });
    } catch (error) {
      log(`webhook ${webhook.id} could not be signed for`, error);
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
    while (flying.size > 0) await Promise.all([...flying.values()].map(({ done }) => done));
  }

  return {
    /** Sends what is due; never throws. */
    tick,
    /** Waits until nothing is on its way. */
    idle,
    /** Sends what is due, and waits a little for what comes of it at one webhook. */
    async landed(id: string) {
      tick();
      await withinPatience(flying.get(id)?.done);
    },
    /** Begins no other, and waits a little for what is on its way; what comes later is sent again after the next start. */
    async close() {
      closed = true;
      await withinPatience(idle());
    },
  };
}

async function withinPatience(done: Promise<void> | undefined) {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patience);
  });
  await Promise.race([done, late]);
  clearTimeout(timer);
}

const hostOf = (url: string) => URL.parse(url)?.hostname ?? "";
