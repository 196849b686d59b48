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

const limitReport = bodyLimit({
  maxSize: 32 * 1024,
  onError: (c) => respondError(c, 413, "This report is too long", { message: "32 kB are enough.", fix: "Shorten it." }),
});

/** Takes reports from visitors that a repository should not be deployed from here. */
export const reportRoutes = ({ db, inspect, reports }: Pick<AppContext, "db" | "inspect" | "reports">) => {
  const repositoryFromUrl = (c: Context) => {
    const checked = addressFromUrl(c);
    if (checked.ok) return repositoryId(checked.value);
    return respondProblem(c, {
      kind: "invalid",
      note: checked.problems[0] ?? note("This is not the URL of a repository."),
    });
  };

  /**
   * Returns the response for a repository that does not exist: invented names would use up the limits for all. While
   * GitHub isn't responding, a repository exists if it has been counted before.
   */
  async function unknownRepository(c: Context, repo: string): Promise<Response | null> {
    const checked = addressFromUrl(c);
    const inspection = checked.ok ? await inspect({ ...checked.value, ref: undefined, path: "" }) : null;
    if (!inspection || inspection.ok || !absent.has(inspection.trouble.kind)) return null;
    const isUnanswered = inspection.trouble.kind === "limited" || inspection.trouble.kind === "unreachable";
    if (isUnanswered && firstCounted(db, repo) !== null) return null;
    return await respondProblem(c, inspection.trouble);
  }

  const renderReport = (
    c: Context,
    repo: string,
    form: { fields?: Record<string, unknown>; problems?: Note[]; sent?: boolean },
  ) => {
    const { fields = {}, problems = [], sent = false } = form;
    const input = { reason: String(fields.reason ?? ""), text: String(fields.text ?? "").slice(0, 2 * maxTextLength) };
    return c.html(
      reportPage({ assets, path: `/${repo}`, repo, reasons, maxLength: maxTextLength, input, problems, sent }),
      problems.length > 0 ? 422 : 200,
    );
  };

  return new Hono()
    .get("/:host/:owner/:repo/report", (c) => {
      const repo = repositoryFromUrl(c);
      return typeof repo === "string" ? renderReport(c, repo, { sent: c.req.query("sent") !== undefined }) : repo;
    })
    .post("/:host/:owner/:repo/report", limitReport, async (c) => {
      const repo = repositoryFromUrl(c);
      if (typeof repo !== "string") return repo;
      const fields = await parseBodyFields(c);
      const parsed = parseReport(fields);
      if (!parsed.ok) {
        if (wantsJson(c)) return c.json({ problems: parsed.problems }, 422);
        return renderReport(c, repo, { fields, problems: parsed.problems });
      }
      const tooMany = () =>
        respondError(c, 429, "Too many reports", {
          message: "We accept a limited number of reports per hour.",
          fix: "Try again in an hour.",
        });
      if (!reports.allows(requestNetwork(c), repo)) return tooMany();
      const problem = await unknownRepository(c, repo);
      if (problem) return problem;
      const outcome = reports.submit(repo, parsed.value);
      if (outcome === "too many") return tooMany();
      // A report that others have made already is thanked for like the first one.
      return wantsJson(c) ? c.json({ taken: outcome === "taken" }, 202) : c.redirect(`/${repo}/report?sent`, 303);
    });
};
