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
interface PathBuilders<Parameter> {
  json(name: Name): object;
  responses(ok: string, name: Name, errors?: Record<string, [string, Name]>): object;
  parameter(location: "path", name: string, description: string): Parameter;
  /** The path parameters of a repository. */
  repo: Parameter[];
}

/** Returns the OpenAPI paths of webhooks. */
export function webhookPaths<Parameter>({ json, responses, parameter, repo }: PathBuilders<Parameter>) {
  const webhook = [...repo, parameter("path", "id", "The id of a webhook")];
  const denied: Record<string, [string, Name]> = {
    "401": ["Not signed in", "Problems"],
    "403": ["Only people with write access to the repository can see it", "Problems"],
    "404": ["Repository, webhook or delivery not found", "Problems"],
  };
  const input = { required: true, content: json("WebhookWish") };
  const invalid: Record<string, [string, Name]> = { ...denied, "422": ["Every problem of the request", "Problems"] };
  const limited: Record<string, [string, Name]> = { ...denied, "429": ["Too many requests", "Problems"] };
  return {
    "/{host}/{owner}/{repo}/webhooks": {
      get: {
        summary: "A repository's webhooks, for its maintainers",
        parameters: repo,
        responses: responses("200", "WebhooksTwin", denied),
      },
      post: {
        summary: "Add a webhook; only this response has its secret",
        parameters: repo,
        requestBody: input,
        responses: responses("201", "WebhookTwin", invalid),
      },
    },
    "/{host}/{owner}/{repo}/webhooks/{id}": {
      get: {
        summary: "A webhook with its latest deliveries",
        parameters: webhook,
        responses: responses("200", "WebhookTwin", denied),
      },
      post: {
        summary: "Change its URL and events",
        parameters: webhook,
        requestBody: input,
        responses: responses("200", "WebhookTwin", invalid),
      },
    },
    "/{host}/{owner}/{repo}/webhooks/{id}/state": {
      post: {
        summary: "Enable or disable it",
        parameters: webhook,
        requestBody: { required: true, content: json("WebhookState") },
        responses: responses("200", "WebhookTwin", denied),
      },
    },
    "/{host}/{owner}/{repo}/webhooks/{id}/ping": {
      post: { summary: "Send it a ping", parameters: webhook, responses: responses("200", "WebhookTwin", limited) },
    },
    "/{host}/{owner}/{repo}/webhooks/{id}/secret": {
      post: {
        summary: "Create a new secret; the previous one also signs for a day",
        parameters: webhook,
        responses: responses("201", "WebhookTwin", denied),
      },
    },
    "/{host}/{owner}/{repo}/webhooks/{id}/removal": {
      post: {
        summary: "Delete it with its waiting deliveries",
        parameters: webhook,
        responses: { "204": { description: "It doesn't exist" }, ...responses("404", "Problems") },
      },
    },
    "/{host}/{owner}/{repo}/webhooks/{id}/deliveries/{delivery}/redelivery": {
      post: {
        summary: "Redeliver it under the same id",
        parameters: [...webhook, parameter("path", "delivery", "The id of a delivery")],
        responses: responses("200", "WebhookTwin", limited),
      },
    },
  };
}
