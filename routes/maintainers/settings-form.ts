import type { Context } from "hono";
import { checkAddress } from "../../src/address.ts";
import type { Cloud } from "../../src/clouds/cloud.ts";
import { type Note, note } from "../../src/result.ts";
import { isOffered, Settings } from "../../src/settings.ts";
import { isJsonBody } from "../http/body-fields.ts";

/** The settings, or their problems with the input to show again. */
type ParsedSettings = { ok: true; value: Settings } | { ok: false; problems: Note[]; input: Settings };

/** Parses the form or JSON body of new settings. An empty field leaves the choice to the manifest. */
export async function parseSettingsBody(
  c: Context,
  clouds: Pick<Cloud, "id">[],
  file: Settings,
): Promise<ParsedSettings> {
  const text = await c.req.text();
  const body = isJsonBody(c) ? parseJson(text) : parseForm(new URLSearchParams(text), clouds, file);
  const parsed = Settings.safeParse(body);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => note(`${message}.`, { path: path.join(".") }));
    return { ok: false, problems, input: {} };
  }
  const input = parsed.data;
  const checked = checkAddress("github.com", "owner", "repo", input.ref);
  return checked.ok ? { ok: true, value: input } : { ok: false, problems: checked.problems, input };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function parseForm(form: URLSearchParams, clouds: Pick<Cloud, "id">[], file: Settings): unknown {
  const field = (name: string) => form.get(name)?.trim() || undefined;
  const checkedIds = form.getAll("offer");
  const ids = clouds.map(({ id }) => id);
  const notes = ids.flatMap((id) => {
    const text = field(`note[${id}]`)?.replace(/\r\n?/g, "\n");
    return text ? [[id, text] as const] : [];
  });
  // Changing a checkbox counts as "hide" even if the radio button above it was left alone.
  const changed = form.has("clouds") && ids.some((id) => checkedIds.includes(id) !== isOffered(file, id));
  const mode = field("clouds") ?? (changed ? "hide" : undefined);
  return {
    stats: field("stats"),
    preset: field("preset"),
    ref: field("ref"),
    ...(mode === "hide" ? { hide: ids.filter((id) => !checkedIds.includes(id)) } : {}),
    ...(mode === "allow" ? { allow: ids.filter((id) => checkedIds.includes(id)) } : {}),
    ...(notes.length > 0 ? { notes: Object.fromEntries(notes) } : {}),
  };
}
