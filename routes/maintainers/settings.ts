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
import { readSettings } from "./settings-form.ts";

/** What a repository's maintainers decide about its page, beside what its manifest says. */
export const settingsRoutes = (context: AppContext) => {
  const { clouds, db, inspect, now, settingsOf } = context;

  /** Whose page this is and what counts there, or the answer to send instead. */
  async function opened(c: Context) {
    const checked = addressFromUrl(c);
    if (!checked.ok) return respondProblem(c, { kind: "invalid", note: checked.problems[0] ?? note("") });
    const { host, owner, repo } = checked.value;
    const address = { host, owner, repo, path: "" };
    const maintainer = await requireMaintainer(c, context, address);
    if (maintainer instanceof Response) return maintainer;
    const look = await inspect(address);
    // A ref that is gone, or a manifest that cannot be read, must not keep them from what could mend it.
    if (!look.ok && (look.trouble.kind === "blocked" || look.trouble.kind === "missing"))
      return respondProblem(c, look.trouble);
    const row = settingsOf(repositoryId(address));
    return {
      maintainer,
      repo: repositoryId(look.ok ? look.snapshot.address : address),
      file: (look.ok && look.reading.app?.settings) || {},
      row,
      page: row?.settings ?? {},
      trouble: look.ok ? null : look.trouble.note,
    };
  }
  type Opened = Exclude<Awaited<ReturnType<typeof opened>>, Response>;

  const show = (c: Context, { maintainer, repo, file, row, trouble }: Opened, page: Settings, wrong: Note[]) =>
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
        problems: wrong,
        error: trouble,
        saved: c.req.query("saved") !== undefined && row ? { by: row.by, at: row.at.toISOString() } : null,
      }),
      wrong.length > 0 ? 422 : 200,
    );

  return new Hono()
    .get("/:host/:owner/:repo/settings", async (c) => {
      const found = await opened(c);
      if (found instanceof Response) return found;
      const { page, file } = found;
      c.header("Vary", "Accept");
      if (wantsJson(c)) return c.json({ page, file, effective: effectiveSettings(page, file) });
      return show(c, found, page, []);
    })
    .post("/:host/:owner/:repo/settings", limitBody, async (c) => {
      const found = await opened(c);
      if (found instanceof Response) return found;
      const read = await readSettings(c, clouds, found.file);
      if (!read.ok) {
        if (wantsJson(c)) return c.json({ problems: read.problems }, 422);
        return show(c, found, read.typed, read.problems);
      }
      writeSettings(db, found.repo, read.value, found.maintainer.login, now());
      if (!wantsJson(c)) return c.redirect(`/${found.repo}/settings?saved`, 303);
      return c.json({ page: read.value, file: found.file, effective: effectiveSettings(read.value, found.file) });
    });
};
