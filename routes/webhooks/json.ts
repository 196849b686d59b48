import type { Attempt, Delivery } from "../../src/data/store/deliveries.ts";
import type { Webhook } from "../../src/data/store/webhooks.ts";

export const webhookJson = ({ id, url, types, on, reason, failing, created }: Webhook) => ({
  id,
  url,
  types,
  on,
  reason,
  failing: failing?.toISOString() ?? null,
  created: created.toISOString(),
});

export const deliveryJson = ({
  id,
  type,
  body,
  state,
  created,
  next,
  attempts,
}: Delivery & { attempts: Attempt[] }) => ({
  id,
  type,
  body,
  state,
  created: created.toISOString(),
  next: next?.toISOString() ?? null,
  attempts: attempts.map(({ at, milliseconds, status, answer }) => ({
    at: at.toISOString(),
    milliseconds,
    status,
    answer,
  })),
});
