import type { Context } from "hono";

/** Whether the request's Content-Type is JSON. */
export const isJsonBody = (c: Context): boolean => /^application\/json\b/i.test(c.req.header("content-type") ?? "");

/** Returns the fields of a form body. */
export const parseFormFields = async (c: Context): Promise<Record<string, string>> =>
  Object.fromEntries(new URLSearchParams(await c.req.text()));

/** Returns the fields of a form body or the keys of a JSON object; empty for anything else. */
export async function parseBodyFields(c: Context): Promise<Record<string, unknown>> {
  if (!isJsonBody(c)) return parseFormFields(c);
  try {
    const body: unknown = JSON.parse(await c.req.text());
    return typeof body === "object" && body !== null && !Array.isArray(body) ? { ...body } : {};
  } catch {
    return {};
  }
}
