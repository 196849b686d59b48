import { type Context, Hono } from "hono";
import { z } from "zod";
import { addressPath, repositoryId, repositoryKey } from "../../src/address.ts";
import type { Attempt, Delivery } from "../../src/data/store/deliveries.ts";
import type { Webhook } from "../../src/data/store/webhooks.ts";
import { type Note, note } from "../../src/result.ts";
import { eventTypes } from "../../src/webhooks/events.ts";
import { maxWebhooks, type WebhookInput } from "../../src/webhooks/index.ts";
import { webhookPage } from "../../views/webhooks/webhook.ts";
import { webhooksPage } from "../../views/webhooks/webhooks.ts";
import type { AppContext } from "../app-context.ts";
import { assets } from "../http/assets.ts";
import { respond, respondError, respondProblem, wantsJson } from "../http/respond.ts";
import { limitBody } from "../http/security.ts";
import { type Maintainer, requireMaintainer } from "../maintainers/require-maintainer.ts";
import { addressFromUrl } from "../repositories/load-repository.ts";

/** Whose webhooks a request is about, and who asks. */
interface At {
  /** As its webhooks are kept. */
  repo: string;
  path: string;
  signedIn: string | null;
}
type AtOne = At & { webhook: Webhook };

const all: string[] = [...eventTypes];

/** A repository's webhooks, for its maintainers. */
export const webhookRoutes = (context: AppContext) => {
  const { inspect, webhooks: own } = context;

  async function at(c: Context): Promise<At | Response> {
    const checked = addressFromUrl(c);
    if (!checked.ok)
      return respondProblem(c, { kind: "invalid", note: checked.problems[0] ?? note("This is not a valid URL.") });
    const address = { ...checked.value, ref: undefined, path: "" };
    const maintainer: Maintainer | Response = await requireMaintainer(c, context, address);
    if (maintainer instanceof Response) return maintainer;
    if (address.host === "local") {
      const look = await inspect(address);
      if (!look.ok) return respondProblem(c, look.trouble);
    }
    const signedIn = maintainer.session?.login ?? null;
    return { repo: repositoryKey(repositoryId(address)), path: addressPath(address), signedIn };
  }

  async function atOne(c: Context): Promise<AtOne | Response> {
    const found = await at(c);
    if (found instanceof Response) return found;
    const webhook = own.find(found.repo, c.req.param("id") ?? "");
    if (webhook) return { ...found, webhook };
    return respondError(c, 404, "Webhook not found", {
      message: "It was deleted or belongs to another repository.",
      fix: `The webhooks of this repository are at ${found.path}/webhooks.`,
    });
  }

  const list = (c: Context, { repo, path, signedIn }: At, form = { url: "", types: all, problems: [] as Note[] }) => {
    const shown = own.all(repo).map(toWebhook);
    return respond(
      c,
      () => (form.problems.length > 0 ? { problems: form.problems } : { webhooks: shown }),
      () => webhooksPage({ assets, path, signedIn, webhooks: shown, types: all, maxWebhooks, form }),
      form.problems.length > 0 ? 422 : 200,
    );
  };

  function one(
    c: Context,
    { repo, path, signedIn, webhook: { id } }: AtOne,
    { secret = null, wrong }: { secret?: string | null; wrong?: { wanted: WebhookInput; problems: Note[] } } = {},
    status: 200 | 201 | 422 = 200,
  ) {
    const row = own.find(repo, id);
    if (!row) return c.redirect(`${path}/webhooks`, 303);
    const webhook = toWebhook(row);
    const deliveries = own.log(row).map(toDelivery);
    const form = { url: row.url, types: row.types, ...wrong?.wanted, problems: wrong?.problems ?? [] };
    const isNew = row.expires && row.expires > context.now();
    const expires = isNew ? (row.expires?.toISOString() ?? null) : null;
    return respond(
      c,
      () => (wrong ? { problems: wrong.problems } : { webhook, deliveries, ...(secret ? { secret } : {}) }),
      () => webhookPage({ assets, path, signedIn, webhook, expires, secret, types: all, form, deliveries }),
      status,
    );
  }

  /** What was done is shown on the webhook's page; a program gets its twin. */
  const shown = (c: Context, found: AtOne) =>
    wantsJson(c) ? one(c, found) : c.redirect(`${found.path}/webhooks/${found.webhook.id}`, 303);

  const tooOften = (c: Context) =>
    respondError(c, 429, "Too many requests", {
      message: "You can send to a webhook by hand ten times per minute and a hundred times per day.",
      fix: "Try again in a minute. Events are still delivered.",
    });

  const base = "/:host/:owner/:repo/webhooks";
  return (
    new Hono()
      .use(`${base}/*`, limitBody)
      .get(base, async (c) => {
        const found = await at(c);
        return found instanceof Response ? found : list(c, found);
      })
      .post(base, async (c) => {
        const found = await at(c);
        if (found instanceof Response) return found;
        const wanted = await readWanted(c);
        const added = own.add(found.repo, wanted);
        if (!added.ok) return list(c, found, { ...wanted, problems: added.problems });
        const { webhook, secret } = added.value;
        c.header("Location", `${found.path}/webhooks/${webhook.id}`);
        return one(c, { ...found, webhook }, { secret }, 201);
      })
      .get(`${base}/:id`, async (c) => {
        const found = await atOne(c);
        return found instanceof Response ? found : one(c, found);
      })
      .post(`${base}/:id`, async (c) => {
        const found = await atOne(c);
        if (found instanceof Response) return found;
        const wanted = await readWanted(c);
        const changed = own.change(found.webhook, wanted);
        return changed.ok ? shown(c, found) : one(c, found, { wrong: { wanted, problems: changed.problems } }, 422);
      })
      // A browser that restores its tabs asks again for where a form has led.
      .get(`${base}/:id/*`, async (c) => {
        const found = await atOne(c);
        return found instanceof Response ? found : c.redirect(`${found.path}/webhooks/${found.webhook.id}`, 303);
      })
      .post(`${base}/:id/secret`, async (c) => {
        const found = await atOne(c);
        return found instanceof Response ? found : one(c, found, { secret: own.rotate(found.webhook) }, 201);
      })
      .post(`${base}/:id/state`, async (c) => {
        const found = await atOne(c);
        if (found instanceof Response) return found;
        const on = { true: true, false: false }[String((await readBody(c)).on)];
        if (on === undefined)
          return respondError(c, 422, "Invalid state", {
            message: "`on` must be true or false.",
            fix: "Send one of the two.",
          });
        own.switch(found.webhook, on);
        return shown(c, found);
      })
      .post(`${base}/:id/ping`, async (c) => {
        const found = await atOne(c);
        if (found instanceof Response) return found;
        return (await own.ping(found.webhook)) ? shown(c, found) : tooOften(c);
      })
      .post(`${base}/:id/removal`, async (c) => {
        const found = await atOne(c);
        if (found instanceof Response) return found;
        own.remove(found.webhook);
        return wantsJson(c) ? c.body(null, 204) : c.redirect(`${found.path}/webhooks`, 303);
      })
      .post(`${base}/:id/deliveries/:delivery/redelivery`, async (c) => {
        const found = await atOne(c);
        if (found instanceof Response) return found;
        const sent = await own.redeliver(found.webhook, c.req.param("delivery"));
        if (sent === null)
          return respondError(c, 404, "Delivery not found", {
            message: "Deliveries are kept for 30 days.",
            fix: `The stored ones are at ${found.path}/webhooks/${found.webhook.id}.`,
          });
        return sent ? shown(c, found) : tooOften(c);
      })
  );
};

const toWebhook = ({ id, url, types, on, reason, failing, created }: Webhook) => ({
  id,
  url,
  types,
  on,
  reason,
  failing: failing?.toISOString() ?? null,
  created: created.toISOString(),
});

const toDelivery = ({ id, type, body, state, created, next, attempts }: Delivery & { attempts: Attempt[] }) => ({
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

const Text = z.string().max(10_000);
const Body = z.object({
  url: Text.catch(""),
  types: z.array(Text).max(100).catch([]),
  on: z.union([z.boolean(), Text]).optional().catch(undefined),
});

/** What a form or a program sends; what is missing or of another kind is empty, and refused as such. */
async function readBody(c: Context): Promise<z.infer<typeof Body>> {
  const text = await c.req.text();
  if (/^application\/json\b/i.test(c.req.header("content-type") ?? "")) {
    try {
      return Body.parse(JSON.parse(text));
    } catch {
      return { url: "", types: [] };
    }
  }
  const form = new URLSearchParams(text);
  return Body.parse({ url: form.get("url"), types: form.getAll("types"), on: form.get("on") ?? undefined });
}

async function readWanted(c: Context): Promise<WebhookInput> {
  const { url, types } = await readBody(c);
  return { url, types };
}
