import type { Context } from "hono";
import { z } from "zod";
import { Preset } from "../../src/plan.ts";
import { note, type Result } from "../../src/result.ts";
import { isJsonBody } from "../http/body-fields.ts";

/** The input of a new deployment, from a form or from JSON. */
export interface CreateRequest {
  repo: string;
  ref: string;
  path: string;
  /** The commit that the visitor reviewed; empty: the newest one. */
  commit: string;
  cloud: string;
  region: string | undefined;
  preset: string | undefined;
  /** The idempotency key of the form; empty: every request starts a new deployment. */
  request: string;
  env: Record<string, unknown>;
  access: Record<string, unknown>;
}

const Text = z.string().max(10_000);

/** The JSON body of `POST /deployments`. */
export const CreateDeploymentBody = z.strictObject({
  repo: Text.meta({ description: "Such as github.com/discourse/discourse" }),
  ref: Text.optional(),
  path: Text.optional(),
  commit: Text.optional(),
  cloud: Text,
  region: Text.optional(),
  preset: Preset.optional(),
  request: Text.optional().meta({ description: "Two orders with the same request are one deployment" }),
  env: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  access: z.record(z.string(), z.unknown()).optional(),
});

/** Parses a form or JSON body. Returns problems instead of throwing. */
export async function parseCreateBody(c: Context): Promise<Result<CreateRequest>> {
  const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (type === "application/json") return readJson(await c.req.text());
  if (type === "application/x-www-form-urlencoded") return readForm(new URLSearchParams(await c.req.text()));
  const message = type ? `A deployment can't be created with ${type.slice(0, 100)}.` : "The body has no Content-Type.";
  return { ok: false, problems: [note(message, { fix: "Send application/json or a form." })] };
}

/** Returns the access fields of a body, `access[name]` or `{ "access": { ... } }`; empty if it has none. */
export async function parseAccessBody(c: Context): Promise<Record<string, unknown>> {
  const text = await c.req.text();
  if (!isJsonBody(c)) return bracketFields(new URLSearchParams(text), "access");
  try {
    return z.object({ access: z.record(z.string(), z.unknown()) }).safeParse(JSON.parse(text)).data?.access ?? {};
  } catch {
    return {};
  }
}

function readJson(text: string): Result<CreateRequest> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { ok: false, problems: [note("The body is not JSON.", { fix: "See /openapi.json for what to send." })] };
  }
  const parsed = CreateDeploymentBody.safeParse(body);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => note(`${message}.`, { path: path.join(".") }));
    return { ok: false, problems };
  }
  const {
    ref = "",
    path = "",
    commit = "",
    request = "",
    env = {},
    access = {},
    region,
    preset,
    repo,
    cloud,
  } = parsed.data;
  const strings = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)]));
  return { ok: true, value: { repo, ref, path, commit, cloud, region, preset, request, env: strings, access } };
}

function readForm(form: URLSearchParams): Result<CreateRequest> {
  const field = (name: string) => form.get(name) ?? "";
  return {
    ok: true,
    value: {
      repo: field("repo"),
      ref: field("ref"),
      path: field("path"),
      commit: field("commit"),
      cloud: field("cloud"),
      region: form.get("region") ?? undefined,
      preset: form.get("preset") ?? undefined,
      request: field("request"),
      env: bracketFields(form, "env"),
      access: bracketFields(form, "access"),
    },
  };
}

/** Returns the form fields called `name[...]`. */
function bracketFields(form: URLSearchParams, name: string): Record<string, string> {
  const fields = [...form].flatMap(([key, value]) => {
    const matches = key.startsWith(`${name}[`) && key.endsWith("]") && key.length > name.length + 2;
    return matches ? [[key.slice(name.length + 1, -1), value] as const] : [];
  });
  return Object.fromEntries(fields);
}
