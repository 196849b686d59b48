import type { Context } from "hono";
import { z } from "zod";
import type { WebhookInput } from "../../src/webhooks/index.ts";
import { isJsonBody } from "../http/body-fields.ts";

const Text = z.string().max(10_000);
const Body = z.object({
  url: Text.catch(""),
  types: z.array(Text).max(100).catch([]),
  on: z.union([z.boolean(), Text]).optional().catch(undefined),
});

/** Parses a form or JSON body. Missing fields and fields of another type become empty, and fail validation later. */
export async function parseBody(c: Context): Promise<z.infer<typeof Body>> {
  const text = await c.req.text();
  if (isJsonBody(c)) {
    try {
      return Body.parse(JSON.parse(text));
    } catch {
      return { url: "", types: [] };
    }
  }
  const form = new URLSearchParams(text);
  return Body.parse({ url: form.get("url"), types: form.getAll("types"), on: form.get("on") ?? undefined });
}

export async function parseWebhookInput(c: Context): Promise<WebhookInput> {
  const { url, types } = await parseBody(c);
  return { url, types };
}
