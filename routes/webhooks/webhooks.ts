import { type Context, Hono } from "hono";
import { addressPath, repositoryId, repositoryKey } from "../../src/address.ts";
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
import { parseBody, parseWebhookInput } from "./body.ts";
import { deliveryJson, webhookJson } from "./json.ts";

/** The repository of the URL and the maintainer who sends the request. */
interface RepositoryRequest {
  /** The key of its webhooks in the database. */
  repo: string;
  path: string;
  signedIn: string | null;
}
type WebhookRequest = RepositoryRequest & { webhook: Webhook };

const allTypes: string[] = [...eventTypes];

/** Serves a repository's webhooks to its maintainers. */
export const webhookRoutes = (context: AppContext) => {
  const { inspect, webhooks } = context;

  async function loadRequest(c: Context): Promise<RepositoryRequest | Response> {
    const checked = addressFromUrl(c);
    if (!checked.ok)
      return respondProblem(c, { kind: "invalid", note: checked.problems[0] ?? note("This is not a valid URL.") });
    const address = { ...checked.value, ref: undefined, path: "" };
    const maintainer: Maintainer | Response = await requireMaintainer(c, context, address);
    if (maintainer instanceof Response) return maintainer;
    if (address.host === "local") {
      const inspection = await inspect(address);
      if (!inspection.ok) return respondProblem(c, inspection.trouble);
    }
    const signedIn = maintainer.session?.login ?? null;
    return { repo: repositoryKey(repositoryId(address)), path: addressPath(address), signedIn };
  }

  async function loadWebhook(c: Context): Promise<WebhookRequest | Response> {
    const request = await loadRequest(c);
    if (request instanceof Response) return request;
    const webhook = webhooks.find(request.repo, c.req.param("id") ?? "");
    if (webhook) return { ...request, webhook };
    return respondError(c, 404, "Webhook not found", {
      message: "It was deleted or belongs to another repository.",
      fix: `The webhooks of this repository are at ${request.path}/webhooks.`,
    });
  }

  const renderList = (
    c: Context,
    { repo, path, signedIn }: RepositoryRequest,
    form = { url: "", types: allTypes, problems: [] as Note[] },
  ) => {
    const list = webhooks.all(repo).map(webhookJson);
    return respond(
      c,
      () => (form.problems.length > 0 ? { problems: form.problems } : { webhooks: list }),
      () => webhooksPage({ assets, path, signedIn, webhooks: list, types: allTypes, maxWebhooks, form }),
      form.problems.length > 0 ? 422 : 200,
    );
  };

  function renderWebhook(
    c: Context,
    { repo, path, signedIn, webhook: { id } }: WebhookRequest,
    { secret = null, invalid }: { secret?: string | null; invalid?: { input: WebhookInput; problems: Note[] } } = {},
    status: 200 | 201 | 422 = 200,
  ) {
    const row = webhooks.find(repo, id);
    if (!row) return c.redirect(`${path}/webhooks`, 303);
    const webhook = webhookJson(row);
    const deliveries = webhooks.log(row).map(deliveryJson);
    const form = { url: row.url, types: row.types, ...invalid?.input, problems: invalid?.problems ?? [] };
    const isNew = row.expires && row.expires > context.now();
    const expires = isNew ? (row.expires?.toISOString() ?? null) : null;
    return respond(
      c,
      () => (invalid ? { problems: invalid.problems } : { webhook, deliveries, ...(secret ? { secret } : {}) }),
      () => webhookPage({ assets, path, signedIn, webhook, expires, secret, types: allTypes, form, deliveries }),
      status,
    );
  }

  /** Responds to a change: a redirect to the webhook's page, or its JSON twin. */
  const respondChanged = (c: Context, request: WebhookRequest) =>
    wantsJson(c) ? renderWebhook(c, request) : c.redirect(`${request.path}/webhooks/${request.webhook.id}`, 303);

  const respondTooMany = (c: Context) =>
    respondError(c, 429, "Too many requests", {
      message: "You can send to a webhook by hand ten times per minute and a hundred times per day.",
      fix: "Try again in a minute. Events are still delivered.",
    });

  const base = "/:host/:owner/:repo/webhooks";
  return (
    new Hono()
      .use(`${base}/*`, limitBody)
      .get(base, async (c) => {
        const request = await loadRequest(c);
        return request instanceof Response ? request : renderList(c, request);
      })
      .post(base, async (c) => {
        const request = await loadRequest(c);
        if (request instanceof Response) return request;
        const input = await parseWebhookInput(c);
        const added = webhooks.add(request.repo, input);
        if (!added.ok) return renderList(c, request, { ...input, problems: added.problems });
        const { webhook, secret } = added.value;
        c.header("Location", `${request.path}/webhooks/${webhook.id}`);
        return renderWebhook(c, { ...request, webhook }, { secret }, 201);
      })
      .get(`${base}/:id`, async (c) => {
        const request = await loadWebhook(c);
        return request instanceof Response ? request : renderWebhook(c, request);
      })
      .post(`${base}/:id`, async (c) => {
        const request = await loadWebhook(c);
        if (request instanceof Response) return request;
        const input = await parseWebhookInput(c);
        const changed = webhooks.change(request.webhook, input);
        return changed.ok
          ? respondChanged(c, request)
          : renderWebhook(c, request, { invalid: { input, problems: changed.problems } }, 422);
      })
      // A browser that restores its tabs requests the URL that a form was posted to.
      .get(`${base}/:id/*`, async (c) => {
        const request = await loadWebhook(c);
        return request instanceof Response
          ? request
          : c.redirect(`${request.path}/webhooks/${request.webhook.id}`, 303);
      })
      .post(`${base}/:id/secret`, async (c) => {
        const request = await loadWebhook(c);
        return request instanceof Response
          ? request
          : renderWebhook(c, request, { secret: webhooks.rotate(request.webhook) }, 201);
      })
      .post(`${base}/:id/state`, async (c) => {
        const request = await loadWebhook(c);
        if (request instanceof Response) return request;
        const on = { true: true, false: false }[String((await parseBody(c)).on)];
        if (on === undefined)
          return respondError(c, 422, "Invalid state", {
            message: "`on` must be true or false.",
            fix: "Send one of the two.",
          });
        webhooks.switch(request.webhook, on);
        return respondChanged(c, request);
      })
      .post(`${base}/:id/ping`, async (c) => {
        const request = await loadWebhook(c);
        if (request instanceof Response) return request;
        return (await webhooks.ping(request.webhook)) ? respondChanged(c, request) : respondTooMany(c);
      })
      .post(`${base}/:id/removal`, async (c) => {
        const request = await loadWebhook(c);
        if (request instanceof Response) return request;
        webhooks.remove(request.webhook);
        return wantsJson(c) ? c.body(null, 204) : c.redirect(`${request.path}/webhooks`, 303);
      })
      .post(`${base}/:id/deliveries/:delivery/redelivery`, async (c) => {
        const request = await loadWebhook(c);
        if (request instanceof Response) return request;
        const sent = await webhooks.redeliver(request.webhook, c.req.param("delivery"));
        if (sent === null)
          return respondError(c, 404, "Delivery not found", {
            message: "Deliveries are kept for 30 days.",
            fix: `The stored ones are at ${request.path}/webhooks/${request.webhook.id}.`,
          });
        return sent ? respondChanged(c, request) : respondTooMany(c);
      })
  );
};
