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
import { createDeliveryQueue, type DeliveryQueueDependencies } from "./delivery-queue.ts";
import { eventBody, eventTypes } from "./events.ts";
import { newSecret, rotationOverlapMs } from "./sign.ts";

export const maxWebhooks = 10;
export const maxShown = 50;
/** Manual sends per webhook. Limited because its URL may belong to someone else. */
const manualLimits = { minute: 10, day: 100 };
const minute = 60_000;
const day = 24 * 60 * minute;
const retentionMs = 30 * day;

export interface WebhookInput {
  url: string;
  types: string[];
}

interface WebhookDependencies extends DeliveryQueueDependencies {
  reach: AllowedNetwork;
  newId: () => string;
}

export type Webhooks = ReturnType<typeof createWebhooks>;

/** Creates the webhooks of repositories, as their maintainers manage them. */
export function createWebhooks(dependencies: WebhookDependencies) {
  const { db, seal, reach, now, random, newId } = dependencies;
  const { tick, flush, idle, close } = createDeliveryQueue(dependencies);

  function validate({ url, types }: WebhookInput): Result<WebhookInput> {
    const target = validateTarget(url.trim(), reach);
    const notes: Note[] = target.ok ? [] : target.problems;
    const selectedTypes = eventTypes.filter((type) => types.includes(type));
    const unknownType = types.find((type) => !eventTypes.some((known) => known === type));
    if (unknownType !== undefined)
      notes.push(
        note(`There is no event called ${unknownType.slice(0, 60)}.`, {
          path: "types",
          fix: `Choose of ${eventTypes.join(", ")}.`,
        }),
      );
    else if (selectedTypes.length === 0)
      notes.push(note("Nothing is chosen to be told of.", { path: "types", fix: "Choose at least one event." }));
    return target.ok && notes.length === 0 ? ok({ url: target.value.href, types: selectedTypes }) : problems(...notes);
  }

  const manualSends = new Map<string, number[]>();
  /** Whether another manual send is allowed; if so, counts it. */
  function allowManualSend(id: string): boolean {
    const at = now().getTime();
    const lastDay = (manualSends.get(id) ?? []).filter((time) => at - time < day);
    const lastMinute = lastDay.filter((time) => at - time < minute);
    if (lastMinute.length >= manualLimits.minute || lastDay.length >= manualLimits.day) return false;
    manualSends.set(id, [...lastDay, at]);
    return true;
  }

  return {
    all: (repo: string) => webhooksOf(db, repo),

    /** Finds a webhook of this repository. */
    find(repo: string, id: string): Webhook | undefined {
      const webhook = findWebhook(db, id);
      return webhook?.repo === repo ? webhook : undefined;
    },

    /** Adds a webhook. Its secret is returned here only. */
    add(repo: string, input: WebhookInput): Result<{ webhook: Webhook; secret: string }> {
      const validated = validate(input);
      if (!validated.ok) return validated;
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
        ...validated.value,
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

    change({ id }: Webhook, input: WebhookInput): Result<WebhookInput> {
      const validated = validate(input);
      if (validated.ok) updateWebhook(db, id, validated.value);
      return validated;
    },

    /** Returns a new secret, once. For a day, deliveries are also signed with the former one. */
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

    /** Sends a `ping`; false if rate-limited. */
    async ping({ id, repo }: Webhook): Promise<boolean> {
      if (!allowManualSend(id)) return false;
      const at = now();
      const body = eventBody("ping", at, { repo });
      const delivery = { id: `msg_${newId()}`, webhook: id, type: "ping", body, created: at };
      insertDelivery(db, { ...delivery, state: "waiting", next: at });
      await flush(id);
      return true;
    },

    /** Sends a delivery again with the same id and a day of retries; false if rate-limited, null if it does not exist. */
    async redeliver({ id }: Webhook, delivery: string): Promise<boolean | null> {
      if (findDelivery(db, delivery)?.webhook !== id) return null;
      if (!allowManualSend(id)) return false;
      updateDelivery(db, delivery, { state: "waiting", tries: 0, next: now() });
      await flush(id);
      return true;
    },

    log: ({ id }: Webhook) => recentDeliveries(db, id, maxShown),

    tick,
    idle,
    close,
    /** Deletes deliveries past their retention. */
    prune() {
      const at = now().getTime();
      pruneDeliveries(db, new Date(at - retentionMs));
      for (const [id, times] of manualSends) if (times.every((time) => at - time >= day)) manualSends.delete(id);
    },
  };
}
