import type { Context } from "hono";

/** The fields of a form, or the keys of a JSON object; whatever is neither has none. */
export async function parseBodyFields(c: Context): Promise<Record<string, unknown>> {
  const text = await c.req.text();
  if (!/^application\/json\b/i.test(c.req.header("content-type") ?? ""))
    return Object.fromEntries(new URLSearchParams(text));
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null && !Array.isArray(body) ? { ...body } : {};
  } catch {
    return {};
  }
}
