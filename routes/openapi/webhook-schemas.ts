import { z } from "zod";

export const Webhook = z.object({
  id: z.string(),
  url: z.url(),
  types: z.array(z.string()),
  on: z.boolean(),
  reason: z.string().meta({ description: "Why Slipway disabled it; empty otherwise" }),
  failing: z.iso.datetime().nullable().meta({ description: "Since when every delivery has failed" }),
  created: z.iso.datetime(),
});
export const Delivery = z.object({
  id: z.string(),
  type: z.string(),
  body: z.string(),
  state: z.enum(["waiting", "delivered", "given up"]),
  created: z.iso.datetime(),
  next: z.iso.datetime().nullable().meta({ description: "When the next attempt is due" }),
  attempts: z.array(
    z.object({ at: z.iso.datetime(), milliseconds: z.int(), status: z.int().nullable(), answer: z.string() }),
  ),
});
export const WebhooksTwin = z.object({ webhooks: z.array(Webhook) });
export const WebhookTwin = z.object({
  webhook: Webhook,
  deliveries: z.array(Delivery),
  secret: z.string().optional().meta({ description: "Only in the response that creates it" }),
});
export const WebhookWish = z.object({ url: z.string(), types: z.array(z.string()) });
export const WebhookState = z.object({ on: z.boolean() });

export const webhookTwins = { Webhook, Delivery, WebhooksTwin, WebhookTwin, WebhookWish, WebhookState };

type Name = keyof typeof webhookTwins | "Problems";
interface Describing<Parameter> {
  json(name: Name): object;
  answers(ok: string, name: Name, more?: Record<string, [string, Name]>): object;
  parameter(where: "path", name: string, description: string): Parameter;
  /** The parameters that name a repository. */
  repo: Parameter[];
}

/** What programs can do with a repository's webhooks. */
export function webhookPaths<Parameter>({ json, answers, parameter, repo }: Describing<Parameter>) {
  const webhook = [...repo, parameter("path", "id", "The id of a webhook")];
  const closed: Record<string, [string, Name]> = {
    "401": ["Not signed in", "Problems"],
    "403": ["Only people with write access to the repository can see it", "Problems"],
    "404": ["Repository, webhook or delivery not found", "Problems"],
  };
  const wish = { required: true, content: json("WebhookWish") };
  const wrong: Record<string, [string, Name]> = { ...closed, "422": ["Every problem of the request", "Problems"] };
  const often: Record<string, [string, Name]> = { ...closed, "429": ["Too many requests", "Problems"] };
  return {
    "/{host}/{owner}/{repo}/webhooks": {
      get: {
        summary: "A repository's webhooks, for its maintainers",
        parameters: repo,
        responses: answers("200", "WebhooksTwin", closed),
      },
      post: {
        summary: "Add a webhook; only this response has its secret",
        parameters: repo,
        requestBody: wish,
        responses: answers("201", "WebhookTwin", wrong),
      },
    },
    "/{host}/{owner}/{repo}/webhooks/{id}": {
      get: {
        summary: "A webhook with its latest deliveries",
        parameters: webhook,
        responses: answers("200", "WebhookTwin", closed),
      },
      post: {
        summary: "Change its URL and events",
        parameters: webhook,
        requestBody: wish,
        responses: answers("200", "WebhookTwin", wrong),
      },
    },
    "/{host}/{owner}/{repo}/webhooks/{id}/state": {
      post: {
        summary: "Enable or disable it",
        parameters: webhook,
        requestBody: { required: true, content: json("WebhookState") },
        responses: answers("200", "WebhookTwin", closed),
      },
    },
    "/{host}/{owner}/{repo}/webhooks/{id}/ping": {
      post: { summary: "Send it a ping", parameters: webhook, responses: answers("200", "WebhookTwin", often) },
    },
    "/{host}/{owner}/{repo}/webhooks/{id}/secret": {
      post: {
        summary: "Create a new secret; the previous one also signs for a day",
        parameters: webhook,
        responses: answers("201", "WebhookTwin", closed),
      },
    },
    "/{host}/{owner}/{repo}/webhooks/{id}/removal": {
      post: {
        summary: "Delete it with its waiting deliveries",
        parameters: webhook,
        responses: { "204": { description: "It doesn't exist" }, ...answers("404", "Problems") },
      },
    },
    "/{host}/{owner}/{repo}/webhooks/{id}/deliveries/{delivery}/redelivery": {
      post: {
        summary: "Redeliver it under the same id",
        parameters: [...webhook, parameter("path", "delivery", "The id of a delivery")],
        responses: answers("200", "WebhookTwin", often),
      },
    },
  };
}
