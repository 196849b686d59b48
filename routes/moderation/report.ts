import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { repositoryId } from "../../src/address.ts";
import { firstCounted } from "../../src/data/store/counts.ts";
import { maxTextLength, parseReport, reasons } from "../../src/moderation/reports.ts";
import type { RepositoryProblem } from "../../src/repo.ts";
import { type Note, note } from "../../src/result.ts";
import { reportPage } from "../../views/moderation/report.ts";
import type { AppContext } from "../app-context.ts";
import { assets } from "../http/assets.ts";
import { parseBodyFields } from "../http/body-fields.ts";
import { requestNetwork } from "../http/request-network.ts";
import { respondError, respondProblem, wantsJson } from "../http/respond.ts";
import { addressFromUrl } from "../repositories/load-repository.ts";

/** Problems that leave open whether there is such a repository, or say that there is none. */
const absent = new Set<RepositoryProblem["kind"]>(["invalid", "missing", "moved", "limited", "unreachable"]);

const shortReport = bodyLimit({
  maxSize: 32 * 1024,
  onError: (c) => respondError(c, 413, "This report is too long", { message: "32 kB are enough.", fix: "Shorten it." }),
});

/** Where visitors say that a repository should not be deployed from here. */
export const reportRoutes = ({ db, inspect, reports }: Pick<AppContext, "db" | "inspect" | "reports">) => {
  const repoIn = (c: Context) => {
    const checked = addressFromUrl(c);
    if (checked.ok) return repositoryId(checked.value);
    return respondProblem(c, {
      kind: "invalid",
      note: checked.problems[0] ?? note("This is not the URL of a repository."),
    });
  };

  /**
   * Returns the response for a repository that does not exist: invented names would use up the limits for all. While
   * GitHub does not answer, a repository exists if it has been counted before.
   */
  async function unknownRepository(c: Context, repo: string): Promise<Response | null> {
    const checked = addressFromUrl(c);
    const found = checked.ok ? await inspect({ ...checked.value, ref: undefined, path: "" }) : null;
    if (!found || found.ok || !absent.has(found.trouble.kind)) return null;
    const isUnanswered = found.trouble.kind === "limited" || found.trouble.kind === "unreachable";
    if (isUnanswered && firstCounted(db, repo) !== null) return null;
    return await respondProblem(c, found.trouble);
  }

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
      const tooMany = () =>
        respondError(c, 429, "Too many reports", {
          message: "We accept a limited number of reports per hour.",
          fix: "Try again in an hour.",
        });
      if (!reports.allows(requestNetwork(c), repo)) return tooMany();
      const problem = await unknownRepository(c, repo);
      if (problem) return problem;
      const taken = reports.submit(repo, read.value);
      if (taken === "too many") return tooMany();
      // That others have said so already is no reason to send somebody away.
      return wantsJson(c) ? c.json({ taken: taken === "taken" }, 202) : c.redirect(`/${repo}/report?sent`, 303);
    });
};
