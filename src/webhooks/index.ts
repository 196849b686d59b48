import {
  findDelivery,
  insertDelivery,
  pruneDeliveries,
  recentDeliveries,
  updateDelivery,
} from "../data/store/deliveries.ts";
import {
  deleteWebhook,
  findWebhook,
  insertWebhook,
  switchWebhook,
  updateWebhook,
  type Webhook,
  webhooksOf,
} from "../data/store/webhooks.ts";
import { validateTarget } from "../network/guarded-fetch.ts";
import type { AllowedNetwork } from "../network/ip-ranges.ts";
import { type Note, note, ok, problems, type Result } from "../result.ts";
import { createDeliveryQueue, type Needs as QueueNeeds } from "./delivery-queue.ts";
import { eventBody, eventTypes } from "./events.ts";
import { newSecret, rotationOverlapMs } from "./sign.ts";

/** How many webhooks a repository may have, ... */
export const maxWebhooks = 10;
/** ... how many deliveries are shown, ... */
export const maxShown = 50;
/** ... and how often one may be sent to by hand: there may be somebody else behind its address. */
const mostByHand = { minute: 10, day: 100 };
const minute = 60_000;
const day = 24 * 60 * minute;
const kept = 30 * day;

export interface WebhookInput {
  url: string;
  types: string[];
}

interface Needs extends QueueNeeds {
  reach: AllowedNetwork;
  newId: () => string;
}

export type Webhooks = ReturnType<typeof createWebhooks>;

/** Webhooks, as a repository's maintainers see them. */
export function createWebhooks(needs: Needs) {
  const { db, seal, reach, now, random, newId } = needs;
  const { tick, landed, idle, close } = createDeliveryQueue(needs);

  function check({ url, types: wanted }: WebhookInput): Result<WebhookInput> {
    const target = validateTarget(url.trim(), reach);
    const wrong: Note[] = target.ok ? [] : target.problems;
    const known = eventTypes.filter((type) => wanted.includes(type));
    const unknown = wanted.find((type) => !eventTypes.some((one) => one === type));
    if (unknown !== undefined)
      wrong.push(
        note(`There is no event called ${unknown.slice(0, 60)}.`, {
          path: "types",
          fix: `Choose of ${eventTypes.join(", ")}.`,
        }),
      );
    else if (known.length === 0)
      wrong.push(note("Nothing is chosen to be told of.", { path: "types", fix: "Choose at least one event." }));
    return target.ok && wrong.length === 0 ? ok({ url: target.value.href, types: known }) : problems(...wrong);
  }

  const byHand = new Map<string, number[]>();
  /** Whether it may be sent to by hand once more; then that is taken for done. */
  function maySend(id: string): boolean {
    const at = now().getTime();
    const today = (byHand.get(id) ?? []).filter((time) => at - time < day);
    const lately = today.filter((time) => at - time < minute);
    if (lately.length >= mostByHand.minute || today.length >= mostByHand.day) return false;
    byHand.set(id, [...today, at]);
    return true;
  }

  return {
    all: (repo: string) => webhooksOf(db, repo),

    /** One of this repository's. */
    find(repo: string, id: string): Webhook | undefined {
      const webhook = findWebhook(db, id);
      return webhook?.repo === repo ? webhook : undefined;
    },

    /** The secret is given once, here. */
    add(repo: string, wanted: WebhookInput): Result<{ webhook: Webhook; secret: string }> {
      const checked = check(wanted);
      if (!checked.ok) return checked;
      if (webhooksOf(db, repo).length >= maxWebhooks)
        return problems(
          note(`This repository has ${maxWebhooks} webhooks, and no more are kept.`, {
            path: "url",
            fix: "Delete one first.",
          }),
        );
      const id = `wh_${newId()}`;
      const { secret, sealed } = newSecret(seal, id, random);
      const webhook: Webhook = {
        id,
        repo,
        ...checked.value,
        secret: sealed,
        former: null,
        expires: null,
        on: true,
        reason: "",
        failing: null,
        created: now(),
      };
      insertWebhook(db, webhook);
      return ok({ webhook, secret });
    },

    change({ id }: Webhook, wanted: WebhookInput): Result<WebhookInput> {
      const checked = check(wanted);
      if (checked.ok) updateWebhook(db, id, checked.value);
      return checked;
    },

    /** A new secret, given once; for a day everything is signed with the former one, too. */
    rotate({ id, secret: former }: Webhook): string {
      const { secret, sealed } = newSecret(seal, id, random);
      updateWebhook(db, id, { secret: sealed, former, expires: new Date(now().getTime() + rotationOverlapMs) });
      return secret;
    },

    switch({ id }: Webhook, on: boolean) {
      switchWebhook(db, id, { on, reason: "", at: now() });
      if (on) tick();
    },

    remove: ({ id }: Webhook) => void deleteWebhook(db, id),

    /** Sends it a `ping`; false: not so often. */
    async ping({ id, repo }: Webhook): Promise<boolean> {
      if (!maySend(id)) return false;
      const at = now();
      const body = eventBody("ping", at, { repo });
      const delivery = { id: `msg_${newId()}`, webhook: id, type: "ping", body, created: at };
      insertDelivery(db, { ...delivery, state: "waiting", next: at });
      await landed(id);
      return true;
    },

    /** Sends it once more, under the same id, and again for a day if it fails; false: not so often, null: it is gone. */
    async redeliver({ id }: Webhook, delivery: string): Promise<boolean | null> {
      if (findDelivery(db, delivery)?.webhook !== id) return null;
      if (!maySend(id)) return false;
      updateDelivery(db, delivery, { state: "waiting", tries: 0, next: now() });
      await landed(id);
      return true;
    },

    log: ({ id }: Webhook) => recentDeliveries(db, id, maxShown),

    tick,
    idle,
    close,
    /** Deletes what is older than is promised. */
    prune() {
      const at = now().getTime();
      pruneDeliveries(db, new Date(at - kept));
      for (const [id, times] of byHand) if (times.every((time) => at - time >= day)) byHand.delete(id);
    },
  };
}
