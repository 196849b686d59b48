import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { repositoryId } from "../../src/address.ts";
import { maxTextLength, parseReport, reasons } from "../../src/moderation/reports.ts";
import { type Note, note } from "../../src/result.ts";
import { reportPage } from "../../views/moderation/report.ts";
import type { AppContext } from "../app-context.ts";
import { assets } from "../http/assets.ts";
import { parseBodyFields } from "../http/body-fields.ts";
import { respondError, respondProblem, wantsJson } from "../http/respond.ts";
import { addressFromUrl } from "../repositories/load-repository.ts";

const shortReport = bodyLimit({
  maxSize: 32 * 1024,
  onError: (c) => respondError(c, 413, "This report is too long", { message: "32 kB are enough.", fix: "Shorten it." }),
});

/** Where visitors say that a repository should not be deployed from here. */
export const reportRoutes = ({ reports }: Pick<AppContext, "reports">) => {
  const repoIn = (c: Context) => {
    const checked = addressFromUrl(c);
    if (checked.ok) return repositoryId(checked.value);
    return respondProblem(c, {
      kind: "invalid",
      note: checked.problems[0] ?? note("This is not the URL of a repository."),
    });
  };

  const show = (
    c: Context,
    repo: string,
    more: { typed?: Record<string, unknown>; problems?: Note[]; sent?: boolean },
  ) => {
    const { typed = {}, problems = [], sent = false } = more;
    const shown = { reason: String(typed.reason ?? ""), text: String(typed.text ?? "").slice(0, 2 * maxTextLength) };
    return c.html(
      reportPage({ assets, path: `/${repo}`, repo, reasons, maxLength: maxTextLength, input: shown, problems, sent }),
      problems.length > 0 ? 422 : 200,
    );
  };

  return new Hono()
    .get("/:host/:owner/:repo/report", (c) => {
      const repo = repoIn(c);
      return typeof repo === "string" ? show(c, repo, { sent: c.req.query("sent") !== undefined }) : repo;
    })
    .post("/:host/:owner/:repo/report", shortReport, async (c) => {
      const repo = repoIn(c);
      if (typeof repo !== "string") return repo;
      const typed = await parseBodyFields(c);
      const read = parseReport(typed);
      if (!read.ok) {
        if (wantsJson(c)) return c.json({ problems: read.problems }, 422);
        return show(c, repo, { typed, problems: read.problems });
      }
      const taken = reports.submit(repo, read.value);
      if (taken === "too many")
        return respondError(c, 429, "Too many reports", {
          message: "We accept a limited number of reports per hour.",
          fix: "Try again in an hour.",
        });
      // That others have said so already is no reason to send somebody away.
      return wantsJson(c) ? c.json({ taken: taken === "taken" }, 202) : c.redirect(`/${repo}/report?sent`, 303);
    });
};
