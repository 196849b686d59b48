import { type Context, Hono } from "hono";
import { repositoryId } from "../../src/address.ts";
import { writeSettings } from "../../src/data/store/settings.ts";
import { type Note, note } from "../../src/result.ts";
import { effectiveSettings, presetOptions, type Settings } from "../../src/settings.ts";
import { settingsPage } from "../../views/maintainers/settings.ts";
import type { AppContext } from "../app-context.ts";
import { assets } from "../http/assets.ts";
import { respondProblem, wantsJson } from "../http/respond.ts";
import { limitBody } from "../http/security.ts";
import { addressFromUrl } from "../repositories/load-repository.ts";
import { requireMaintainer } from "./require-maintainer.ts";
import { parseSettingsBody } from "./settings-form.ts";

/** Serves the settings of a repository's page, which override those of its manifest. */
export const settingsRoutes = (context: AppContext) => {
  const { clouds, db, inspect, now, settingsOf } = context;

  /** Returns the maintainer and the current settings, or the response to send instead. */
  async function load(c: Context) {
    const checked = addressFromUrl(c);
    if (!checked.ok) return respondProblem(c, { kind: "invalid", note: checked.problems[0] ?? note("") });
    const { host, owner, repo } = checked.value;
    const address = { host, owner, repo, path: "" };
    const maintainer = await requireMaintainer(c, context, address);
    if (maintainer instanceof Response) return maintainer;
    const inspection = await inspect(address);
    // The settings stay editable when the ref is gone or the manifest is invalid: they may be what fixes it.
    if (!inspection.ok && (inspection.trouble.kind === "blocked" || inspection.trouble.kind === "missing"))
      return respondProblem(c, inspection.trouble);
    const row = settingsOf(repositoryId(address));
    return {
      maintainer,
      repo: repositoryId(inspection.ok ? inspection.snapshot.address : address),
      file: (inspection.ok && inspection.reading.app?.settings) || {},
      row,
      page: row?.settings ?? {},
      error: inspection.ok ? null : inspection.trouble.note,
    };
  }
  type LoadedSettings = Exclude<Awaited<ReturnType<typeof load>>, Response>;

  const renderSettings = (
    c: Context,
    { maintainer, repo, file, row, error }: LoadedSettings,
    page: Settings,
    problems: Note[],
  ) =>
    c.html(
      settingsPage({
        assets,
        signedIn: maintainer.session ? maintainer.login : null,
        path: `/${repo}`,
        repo,
        clouds: clouds.map(({ id, name }) => ({ id, name })),
        presets: [...presetOptions],
        page,
        file,
        problems,
        error,
        saved: c.req.query("saved") !== undefined && row ? { by: row.by, at: row.at.toISOString() } : null,
      }),
      problems.length > 0 ? 422 : 200,
    );

  return new Hono()
    .get("/:host/:owner/:repo/settings", async (c) => {
      const loaded = await load(c);
      if (loaded instanceof Response) return loaded;
      const { page, file } = loaded;
      c.header("Vary", "Accept");
      if (wantsJson(c)) return c.json({ page, file, effective: effectiveSettings(page, file) });
      return renderSettings(c, loaded, page, []);
    })
    .post("/:host/:owner/:repo/settings", limitBody, async (c) => {
      const loaded = await load(c);
      if (loaded instanceof Response) return loaded;
      const parsed = await parseSettingsBody(c, clouds, loaded.file);
      if (!parsed.ok) {
        if (wantsJson(c)) return c.json({ problems: parsed.problems }, 422);
        return renderSettings(c, loaded, parsed.input, parsed.problems);
      }
      writeSettings(db, loaded.repo, parsed.value, loaded.maintainer.login, now());
      if (!wantsJson(c)) return c.redirect(`/${loaded.repo}/settings?saved`, 303);
      return c.json({ page: parsed.value, file: loaded.file, effective: effectiveSettings(parsed.value, loaded.file) });
    });
};
