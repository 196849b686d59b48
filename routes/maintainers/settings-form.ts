import type { Context } from "hono";
import { checkAddress } from "../../src/address.ts";
import type { Cloud } from "../../src/clouds/cloud.ts";
import { type Note, note } from "../../src/result.ts";
import { isOffered, Settings } from "../../src/settings.ts";

/** The settings, or what is wrong with them beside what was typed. */
type Read = { ok: true; value: Settings } | { ok: false; problems: Note[]; typed: Settings };

/** Reads what the page's form or a program sends. What is empty is left to the manifest. */
export async function readSettings(c: Context, clouds: Pick<Cloud, "id">[], file: Settings): Promise<Read> {
  const text = await c.req.text();
  const isJson = /^application\/json\b/i.test(c.req.header("content-type") ?? "");
  const said = isJson ? parse(text) : ofForm(new URLSearchParams(text), clouds, file);
  const parsed = Settings.safeParse(said);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => note(`${message}.`, { path: path.join(".") }));
    return { ok: false, problems, typed: {} };
  }
  const typed = parsed.data;
  const checked = checkAddress("github.com", "owner", "repo", typed.ref);
  return checked.ok ? { ok: true, value: typed } : { ok: false, problems: checked.problems, typed };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function ofForm(form: URLSearchParams, clouds: Pick<Cloud, "id">[], file: Settings): unknown {
  const one = (name: string) => form.get(name)?.trim() || undefined;
  const ticked = form.getAll("offer");
  const ids = clouds.map(({ id }) => id);
  const notes = ids.flatMap((id) => {
    const text = one(`note[${id}]`)?.replace(/\r\n?/g, "\n");
    return text ? [[id, text] as const] : [];
  });
  // Whoever changes a tick and forgets to say so above it has still said it.
  const changed = form.has("clouds") && ids.some((id) => ticked.includes(id) !== isOffered(file, id));
  const mode = one("clouds") ?? (changed ? "hide" : undefined);
  return {
    stats: one("stats"),
    preset: one("preset"),
    ref: one("ref"),
    ...(mode === "hide" ? { hide: ids.filter((id) => !ticked.includes(id)) } : {}),
    ...(mode === "allow" ? { allow: ids.filter((id) => ticked.includes(id)) } : {}),
    ...(notes.length > 0 ? { notes: Object.fromEntries(notes) } : {}),
  };
}
